"""Reading a plan file: everything wrong with it in one go, each finding with its line."""

import hashlib
import json
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.check import findings
from eco_workflow.plans.document import Document
from eco_workflow.plans.finding import Finding
from eco_workflow.plans.partly import found_despite
from eco_workflow.plans.schema import Plan

NAME = re.compile(r"[\w-]+")
REMEDIES = {
    "missing": "write it",
    "extra_forbidden": "remove it, or correct its spelling",
    "literal_error": "choose one of these",
    "string_type": "write text, in quotes where it looks like a number",
    "int_type": "write a whole number, without quotes",
    "bool_type": "write true or false, without quotes",
    "date": "write year-month-day, e.g. 2022-05-31",
    "list_type": "write a list, e.g. [a, b]",
    "model_type": "write its fields, e.g. {id: a, title: b}",
    "model_attributes_type": "write its fields, e.g. {id: a, title: b}",
    "union_tag_not_found": "write kind: bound, trend, rise, assigned or stated",
    "union_tag_invalid": "write bound, trend, rise, assigned or stated",
    "time": 'write hour and minute, e.g. "17:30"',
}
"""What to do, by the kind of a pydantic error or the word that the kind begins with."""
WRONG = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "list_type": "is no list",
    "model_type": "is no mapping",
    "model_attributes_type": "is no mapping",
}
"""What is wrong, where pydantic's own words are not those of who writes YAML."""


@dataclass(frozen=True)
class LoadedPlan:
    """A checked plan, its document as canonical JSON (to store), and the hexadecimal SHA-256 of that.

    The document is what the file says, without the schema's defaults: a later version of the product
    finds the same digest for the same file.
    """

    plan: Plan
    text: str
    digest: str


def packaged() -> list[str]:
    """The names of the plans that come with the product."""
    files = resources.files("eco_workflow.plans").iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


@dataclass(frozen=True)
class Examined:
    """A file's name, its findings with their lines in the order of the file, and the plan unless refused."""

    file: str
    found: tuple[tuple[int, Finding], ...]
    loaded: LoadedPlan | None

    def lines(self, severity: str) -> list[str]:
        """`FILE:LINE: path.to.field: what is wrong; value; what to do`, for findings of that severity."""
        return [
            f"{self.file}:{line}: {finding.where}: {finding.said}"
            for line, finding in self.found
            if finding.severity == severity
        ]


def read(name_or_path: str) -> LoadedPlan:
    """Reads a plan: a bare name is a packaged one, anything with a suffix or a separator is a path.

    Raises `WrongInput` with a line per error. Warnings do not hold it up; `examine` has them.
    """
    examined = examine(name_or_path)
    if examined.loaded is None:
        raise WrongInput("\n".join(examined.lines("error")))
    return examined.loaded


def examine(name_or_path: str) -> Examined:
    """Everything to say about a plan file. Raises `WrongInput` only where there is no file to read."""
    return examine_text(*open_file(name_or_path))


def examine_text(file: str, data: bytes) -> Examined:
    """Everything to say about a plan's text.

    First what cannot be read at all. If there is nothing of the kind: wrong fields, and what does not hold
    across the fields, also where some of them are wrong (`partly`).
    """
    source = Document(data)
    if source.unreadable:
        return _examined(file, source, source.unreadable)
    text = json.dumps(source.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        plan = Plan.model_validate_json(text, strict=True)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        found = [_finding(wrong, source) for wrong in errors]
        places = [(str(wrong["type"]), source.place(wrong["loc"])) for wrong in errors]
        return _examined(file, source, found + found_despite(source.content, places))
    found = list(findings(plan))
    if any(finding.severity == "error" for finding in found):
        return _examined(file, source, found)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return _examined(file, source, found, LoadedPlan(plan=plan, text=text, digest=digest))


def _examined(
    file: str, source: Document, found: list[Finding], loaded: LoadedPlan | None = None
) -> Examined:
    in_order = sorted(((source.line(f.path), f) for f in found), key=lambda x: (x[0], x[1].where, x[1].said))
    return Examined(file, tuple(in_order), loaded)


def open_file(name_or_path: str) -> tuple[str, bytes]:
    """The file's name for messages, and its bytes. Raises `WrongInput` where there is none to read."""
    if NAME.fullmatch(name_or_path):
        file = resources.files("eco_workflow.plans") / f"{name_or_path}.yaml"
        if not file.is_file():
            raise WrongInput(
                f"There is no packaged plan {name_or_path!r}. Known: {', '.join(packaged())}. "
                f"For a file, give its path with the suffix, e.g. ./{name_or_path}.yaml"
            )
        return f"{name_or_path}.yaml", file.read_bytes()
    try:
        return name_or_path, Path(name_or_path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise WrongInput(
            f"The plan file {name_or_path!r} cannot be read: {reason}. "
            f"Give the path of a YAML file, or a packaged plan's name: {', '.join(packaged())}"
        ) from None


def _finding(error: Any, source: Document) -> Finding:
    """A pydantic error in our words; a mapping's missing field has no value to show."""
    kind, message = str(error["type"]), str(error["msg"])
    wrong, _, remedy = message.removeprefix("Value error, ").partition("; ")
    remedy = REMEDIES.get(kind) or REMEDIES.get(kind.partition("_")[0]) or remedy or "correct it"
    wrong = WRONG.get(kind, wrong)
    if kind == "union_tag_invalid":
        return Finding(
            (*source.place(error["loc"]), "kind"), "is no kind of test", remedy, error["ctx"]["tag"]
        )
    value = None if kind == "missing" else error["input"]
    return Finding(source.place(error["loc"]), wrong, remedy, value)
