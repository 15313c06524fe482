"""Reading a plan file: everything wrong with it in one go, each finding with its line."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import yaml
from pydantic import ValidationError

from eco_workflow.domain.errors import WrongInput
from eco_workflow.plans.check import findings
from eco_workflow.plans.schema import Plan


@dataclass(frozen=True)
class LoadedPlan:
    """A checked plan, its document as canonical JSON, and the SHA-256 of that."""

    plan: Plan
    text: str
    digest: str


def packaged() -> list[str]:
    """The names of the plans that come with the product."""
    files = resources.files("eco_workflow.plans").iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


def read(name: str) -> LoadedPlan:
    """Reads a plan by the name of a packaged one or by path.

    Raises `WrongInput` with one line per finding: file, line, path, what is wrong.
    """
    where, text = _text(name)
    root = _compose(where, text)
    try:
        plan = Plan.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
    except ValidationError as error:
        wrong = [(tuple(e["loc"]), f"{e['msg']} (found: {_short(e['input'])})") for e in error.errors()]
        raise _refused(where, root, wrong) from None
    wrong = list(findings(plan))
    if wrong:
        raise _refused(where, root, wrong)
    document = plan.model_dump_json()
    return LoadedPlan(plan=plan, text=document, digest=hashlib.sha256(document.encode()).hexdigest())


def _text(name: str) -> tuple[str, str]:
    if name in packaged():
        return f"{name}.yaml", (resources.files("eco_workflow.plans") / f"{name}.yaml").read_text("utf-8")
    path = Path(name)
    try:
        return name, path.read_text("utf-8")
    except FileNotFoundError:
        raise WrongInput(
            f"There is no plan {name!r}: neither a file nor a packaged plan ({', '.join(packaged())})."
        ) from None
    except UnicodeDecodeError as error:
        raise WrongInput(f"{name} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None
    except OSError as error:
        raise WrongInput(f"{name} cannot be read: {error.strerror}.") from None


def _compose(where: str, text: str) -> yaml.Node:
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WrongInput(f"{where}:{line}: this is no YAML: {error.problem}. Mend the line.") from None
    except yaml.YAMLError as error:
        raise WrongInput(f"{where}: this is no YAML: {error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise WrongInput(f"{where}:1: a plan file is a mapping of fields such as id, title, phases.")
    double = list(_doubles(root))
    if double:
        raise WrongInput("\n".join(f"{where}:{line}: the key {key!r} stands twice" for line, key in double))
    return root


def _doubles(node: yaml.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, str(key.value)
            seen.add(str(key.value))
            yield from _doubles(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _doubles(value)


def _refused(where: str, root: yaml.Node, wrong: Sequence[tuple[tuple[str | int, ...], str]]) -> WrongInput:
    lines = sorted((_line(root, path), _dotted(path), what) for path, what in wrong)
    return WrongInput("\n".join(f"{where}:{line}: {path}: {what}" for line, path, what in lines))


def _line(node: yaml.Node, path: Sequence[str | int]) -> int:
    """The line of the deepest part of the path that stands in the file."""
    line = node.start_mark.line + 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                break
            key, node = found[0]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return int(line)


def _dotted(path: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
