"""The house is in order: pins that are names and versions, and no trace of the machine that wrote them."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==[0-9][A-Za-z0-9.!+]*")

# Put together here, so that this file passes its own test.
REGISTRIES = ("py" + "pi.org", "python" + "hosted", "registry." + "npm", "/sim" + "ple/", "ana" + "conda.")
MACHINES = ("/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "/wo" + "rk/", "/o" + "pt/py")
FORBIDDEN = re.compile(
    "|".join([*map(re.escape, REGISTRIES), *(rf"(?<![\w.}}/)-]){re.escape(path)}" for path in MACHINES)])
)


def canonical(name: str) -> str:
    """A package's name as every index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> list[str]:
    """The lines of a requirements file that are neither empty, a comment, nor the reference to the other."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#") and line != "-r requirements.txt"]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_hold_names_and_versions_only(file: str) -> None:
    assert [line for line in pins(file) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_nothing_is_pinned_twice(file: str) -> None:
    names = [
        canonical(line.partition("==")[0]) for line in pins("requirements.txt") + pins("requirements-dev.txt")
    ]
    assert sorted(names) == sorted(set(names))


def test_every_declared_dependency_is_pinned() -> None:
    with (ROOT / "pyproject.toml").open("rb") as source:
        declared = tomllib.load(source)["project"]["dependencies"]
    names = {canonical(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]) for line in declared}
    pinned = {canonical(line.partition("==")[0]) for line in pins("requirements.txt")}
    assert names - pinned == set()


def test_no_file_names_a_package_registry_or_a_folder_of_one_machine() -> None:
    found = []
    for path in files_under_git():
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if match := FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match.group()}")
    assert found == []


def files_under_git() -> list[Path]:
    """The files that git tracks, and new ones that it does not ignore."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    # A clone may belong to another user than the one who tests it.
    git = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_whatever_has_a_database_counts_in_the_calendar_that_was_imported() -> None:
    """Who took the packaged one would go on counting Monday to Friday in a year that is known by now."""
    code = [*ROOT.glob("eco_workflow/**/*.py"), *ROOT.glob("flows/*.py"), *ROOT.glob("schedules/*.py")]
    users = {path.name for path in code if "published_calendar" in path.read_text(encoding="utf-8")}
    assert users == {"calendar.py"}
