"""What can be said across the parts of a plan file some of whose fields are wrong.

What ought to stand in a wrong place nobody knows. So it is filled in, each time with something else that the
schema takes, and what is found every time does not hang on it. What is found only for one filling, or in the
wrong place itself, is not said.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from eco_workflow.plans.check import NO_ITEM, NO_UNIT, NO_VETO, findings
from eco_workflow.plans.finding import Finding, Path
from eco_workflow.plans.schema import Plan

FILLINGS = 6
"""As many as the longest list of words to choose from has: each word stands there once."""

REMOVED = ("extra_forbidden",)
"""Kinds of errors that a removal mends."""

ITEMS = ("phases", "indicators", "policies", "vetoes", "duties")


def found_despite(content: Mapping[str, Any], errors: Iterable[tuple[str, Path]]) -> list[Finding]:
    """The cross-checks that hold whatever ought to stand in the wrong places.

    `errors`: the kind of each pydantic error and its place in the document.
    """
    wrong = list(errors)
    schema = _schema()
    kept: list[Finding] | None = None
    for n in range(FILLINGS):
        plan = _filled(content, wrong, schema, n)
        if plan is None:
            return []
        found = list(findings(plan))
        kept = found if kept is None else [finding for finding in kept if finding in found]
        kept = [finding for finding in kept if not any(_hangs_on(finding.path, p) for _, p in wrong)]
        if n and all(finding.severity == "warning" for finding in kept):
            break  # whether these hold, two fillings show
    return list(_meant_elsewhere(kept or [], [place for _, place in wrong]))


@cache
def _schema() -> dict[str, Any]:
    return Plan.model_json_schema()


def _hangs_on(path: Path, place: Path) -> bool:
    """Whether what is found at `path` may be due to a wrong place that no filling happens to put right.

    It lies within it; it speaks of a list of which an entry, or where its branches meet, is wrong; its id
    follows a wrong one; it counts names of which one is wrong.
    """
    entry = place[:-1] if len(place) > 1 and place[-1] == "id" else place
    follows = (
        path[-1:] == ("id",) and isinstance(entry[-1], int) and path[:-1] == (*entry[:-1], entry[-1] + 1)
    )
    of_list = path == place[:-1] and isinstance(place[-1], int)
    of_branches = "applies" in place and path == place[:3]
    counts = path == ("declared", "roster_names") and place[0] == "roster" and place[-1] == "name"
    return path[: len(place)] == place or follows or of_list or of_branches or counts


def _meant_elsewhere(told: list[Finding], places: list[Path]) -> Iterator[Finding]:
    """Drops what names an id that is unknown because the id itself is wrong: the one named most often for
    each wrong id, and all of them where a whole list is.
    """
    lost = {
        NO_UNIT: _ids_wrong(places, ("units",)),
        NO_VETO: _ids_wrong(places, ("vetoes",)),
        NO_ITEM: _ids_wrong(places, ITEMS),
    }
    meant = {
        wrong: {value for value, _ in Counter(f.value for f in told if f.wrong == wrong).most_common(count)}
        for wrong, count in lost.items()
    }
    yield from (finding for finding in told if finding.value not in meant.get(finding.wrong, ()))


def _ids_wrong(places: list[Path], lists: tuple[str, ...]) -> int | None:
    """How many ids of these lists are unknown; None where a list itself is wrong, so that any may be."""
    of_lists = [place for place in places if place[0] in lists]
    if any(len(place) == 1 or place[-1] == "milestones" for place in of_lists):
        return None
    entries = [place[:-1] if place[-1] == "id" else place for place in of_lists]
    return sum(isinstance(e[-1], int) and e[-2] in (*lists, "milestones") for e in entries)


def _filled(content: Mapping[str, Any], wrong: list[tuple[str, Path]], schema: Any, n: int) -> Plan | None:
    """The plan with its wrong places filled for the n-th time; None where that does not make a plan."""
    filled = json.loads(json.dumps(content))
    for kind, place in sorted(wrong, key=lambda error: len(error[1])):
        _set(filled, place, schema, n, remove=kind in REMOVED)
    try:
        return Plan.model_validate_json(json.dumps(filled), strict=True)
    except ValidationError:
        return None


def _set(content: Any, place: Path, schema: Any, n: int, *, remove: bool) -> None:
    """Fills one place, or removes it; what lies within a place that was filled already is not there."""
    node = schema
    for step in place[:-1]:
        try:
            content, node = content[step], _below(node, step, content, schema)
        except (KeyError, IndexError, TypeError):
            return
    if remove:
        content.pop(place[-1], None)
    else:
        content[place[-1]] = _sample(_below(node, place[-1], content, schema), schema, n)


def _below(node: Any, step: str | int, content: Any, schema: Any) -> Any:
    """The schema of a field or an element; of several kinds of tests, that of the kind that stands there."""
    node = _resolved(node, schema)
    if isinstance(step, int):
        return node["items"]
    if "discriminator" in node:
        node = _resolved({"$ref": node["discriminator"]["mapping"][content["kind"]]}, schema)
    return node["properties"][step]


def _resolved(node: Any, schema: Any) -> Any:
    while "$ref" in node or "anyOf" in node:
        # Of what may be null, the other.
        node = schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node["anyOf"][0]
    return node


PATTERNS = ("x{n}", "M9{n}.1", "I9{n}.9", "I9{n}.z", "I9{n}", "P9{n}", "V9{n}", "D9{n}.9", "E9{n}", "9{n}")


def _sample(node: Any, schema: Any, n: int) -> Any:
    """Something that a part of the schema takes, for each n something else where there is a choice."""
    node = _resolved(node, schema)
    if "oneOf" in node:
        return _sample(node["oneOf"][n % len(node["oneOf"])], schema, n)
    if choice := node.get("enum") or ([node["const"]] if "const" in node else []):
        return choice[n % len(choice)]
    if "properties" in node:
        return {name: _sample(below, schema, n) for name, below in node["properties"].items()}
    if node["type"] == "array":
        return [_sample(node["items"], schema, n)] * max(n, 1)
    return _scalar(node, n)


def _scalar(node: Any, n: int) -> Any:
    if "pattern" in node:
        texts = (pattern.format(n=n + 1) for pattern in PATTERNS)
        return next(text for text in texts if re.search(node["pattern"], text))
    return {
        "integer": node.get("minimum", 1) + n,
        "boolean": n % 2 == 0,
        # An address is a line of text, too.
        "string": f"x{n}@eco.example",
        "date": f"2001-01-0{n + 1}",
        "time": f"0{n}:00",
    }[node.get("format", node["type"])]
