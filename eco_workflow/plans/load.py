"""Reading a plan file: everything wrong with it in one go, each finding with its line.

Of YAML it takes mappings, lists and scalars, and of the scalars in plain style only whole numbers, `true`,
`false` and `null` mean anything but text. So `17:30` without quotes is a time (stock YAML reads the number
1050), and 2022-02-30 is a wrong date, with its line, and no crash.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.check import Finding, findings
from eco_workflow.plans.check import Path as Place
from eco_workflow.plans.schema import Plan

NAME = re.compile(r"[\w-]+")
WHOLE_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})")
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")}
REMEDIES = {
    "missing": "write it",
    "extra_forbidden": "remove it, or correct its spelling",
    "literal_error": "choose one of these",
    "string_type": "write text, in quotes where it looks like a number",
    "int_type": "write a whole number, without quotes",
    "bool_type": "write true or false, without quotes",
    "date": "write year-month-day, e.g. 2022-05-31",
    "time": 'write hour and minute, e.g. "17:30"',
}
"""What to do, by the kind of a pydantic error or the word that the kind begins with."""


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


def read(name_or_path: str) -> LoadedPlan:
    """Reads a plan: a bare name is a packaged one, anything with a suffix or a separator is a path.

    Raises `WrongInput` with a line per finding: `FILE:LINE: path.to.field: what is wrong; value; what to
    do`. First what cannot be read at all, then wrong fields, then what does not hold across the fields:
    each kind is complete, and is looked for when there is nothing of the kind before.
    """
    where, data = _bytes(name_or_path)
    source = _Document(where, data)
    text = json.dumps(source.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        plan = Plan.model_validate_json(text, strict=True)
    except ValidationError as error:
        raise source.refused(map(_finding, error.errors(include_url=False))) from None
    if wrong := list(findings(plan)):
        raise source.refused(wrong)
    return LoadedPlan(plan=plan, text=text, digest=hashlib.sha256(text.encode()).hexdigest())


def _bytes(name_or_path: str) -> tuple[str, bytes]:
    """The file's name for messages, and its bytes."""
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


def _finding(error: Any) -> Finding:
    """A pydantic error in our words; a mapping's missing field has no value to show."""
    kind, message = str(error["type"]), str(error["msg"])
    wrong, _, remedy = message.removeprefix("Value error, ").partition("; ")
    remedy = REMEDIES.get(kind) or REMEDIES.get(kind.partition("_")[0]) or remedy or "correct it"
    wrong = {"missing": "is missing", "extra_forbidden": "is not a known field"}.get(kind, wrong)
    return Finding(error["loc"], wrong, remedy, None if kind == "missing" else error["input"])


class _Document:
    """A YAML text as plain data, which remembers on what line each of its parts stands."""

    def __init__(self, where: str, data: bytes) -> None:
        self.where = where
        self.lines: dict[Place, int] = {}
        self.unreadable: list[Finding] = []
        try:
            root = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.BaseLoader)
            self.content = None if root is None else self._content(root, (), set())
        except UnicodeDecodeError as error:
            self.lines[()] = data.count(b"\n", 0, error.start) + 1
            raise self.refused([Finding((), "is not UTF-8 text", "save the file as UTF-8")]) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.lines[()] = mark.line + 1 if mark else 1
            wrong = f"is not YAML: {error.problem or error.context}"
            raise self.refused([Finding((), wrong, "correct this line or the one before")]) from None
        except yaml.YAMLError as error:
            wrong = "is not YAML: " + " ".join(str(error).split())
            raise self.refused([Finding((), wrong, "remove the character")]) from None
        except RecursionError:
            raise self.refused([Finding((), "is nested too deeply", "write fewer brackets")]) from None
        if not isinstance(self.content, dict):
            wrong = "is no mapping"
            self.unreadable.append(Finding((), wrong, "begin with fields such as id, title, phases"))
        if self.unreadable:
            raise self.refused(self.unreadable)

    def refused(self, wrong: Iterable[Finding]) -> WrongInput:
        """All findings as one error, in the order of the file."""
        lines = sorted((self._line(f.path), f"{_dotted(f.path)}: {f.said}") for f in wrong)
        return WrongInput("\n".join(f"{self.where}:{line}: {said}" for line, said in lines))

    def _line(self, path: Place) -> int:
        """The line of that part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def _content(self, node: yaml.Node, path: Place, above: set[int]) -> Any:
        """The node as plain data. What it cannot take goes on the list of what is unreadable."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in above:
            return self._refuse(path, "is a YAML alias", "write it out")
        above.add(id(node))  # A node that is met again was reached by an alias.
        if node.tag not in TAGS:
            return self._refuse(path, f"has the tag {node.tag}", "remove the tag")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._content(item, (*path, n), above) for n, item in enumerate(node.value)]
        fields: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if not isinstance(key, yaml.ScalarNode):
                self.lines.setdefault((*path, name), line)
                self._refuse((*path, name), "is no field name", "write a word before the colon")
            elif name in fields:
                # The line is the second's, the first keeps its own.
                again = (*path, f"{name} (again)")
                self.lines[again] = line
                self._refuse(again, f"the key {name!r} stands twice", "remove one of the two")
            else:
                self.lines[(*path, name)] = line
                fields[name] = self._content(value, (*path, name), above)
        return fields

    def _scalar(self, node: yaml.ScalarNode, path: Place) -> str | int | bool | None:
        text = str(node.value)
        if node.style is None and text in WORDS:
            return WORDS[text]
        if node.style is None and WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._refuse(path, "holds half a character", "remove the \\u escape")
            return None
        return text

    def _refuse(self, path: Place, wrong: str, remedy: str) -> None:
        self.unreadable.append(Finding(path, wrong, remedy))


def _dotted(path: Place) -> str:
    """`('units', 3, 'id')` as `units[3].id`; the whole document as `plan`."""
    return (
        "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".") or "plan"
    )
