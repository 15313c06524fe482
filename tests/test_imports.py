"""Imports flow one way, and the everyday commands stay quick because they leave the heavy ones out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"prefect", "fastapi", "apprise"}

RUN_AND_LIST_IMPORTS = """
import sys
from eco_workflow.cli.main import main

imported, arguments = sys.argv[1], sys.argv[2:]
sys.argv = ["eco", *arguments]
try:
    main()
finally:
    with open(imported, "w") as out:
        out.write("\\n".join(sys.modules))
"""


def eco(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Run `eco` in an empty home; return how it ended and the top-level packages it had imported."""
    imported = folder / "imported"
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_LIST_IMPORTS, str(imported), *arguments],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("ECO_")}
        | {"ECO_HOME": str(folder / "home"), "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert imported.exists(), done.stderr
    return done, {name.partition(".")[0] for name in imported.read_text().split()}


def test_every_import_contract_is_kept() -> None:
    """The contracts of pyproject.toml; a broken one is shown with the tool's own report."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_asking_for_help_imports_nothing_heavy(tmp_path: Path) -> None:
    done, imported = eco(tmp_path, "--help")
    assert done.returncode == 0, done.stderr
    assert "status" in done.stdout
    assert not HEAVY & imported


@pytest.mark.parametrize("command", ["status", "health"])
def test_what_looks_says_in_an_empty_home_what_is_missing_and_imports_nothing_heavy(
    tmp_path: Path, command: str
) -> None:
    done, imported = eco(tmp_path, command)
    assert done.returncode in {1, 2}
    assert (done.stdout + done.stderr).strip()
    assert "Traceback" not in done.stderr
    assert not HEAVY & imported
