"""What is added, removed and changed between two plans, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from eco_workflow.plans.schema import Plan

SINGULAR = {
    "phases": "phase",
    "milestones": "milestone",
    "units": "unit",
    "contacts": "contact",
    "terms": "term",
    "working_groups": "working group",
    "indicators": "indicator",
    "parts": "part",
    "branches": "branch",
    "tests": "test",
    "evidence": "evidence",
    "policies": "policy",
    "vetoes": "veto item",
    "duties": "duty",
    "roster": "member",
    "duty": "rhythm of duties from phase",
    "office": "recurring",
    "rungs": "rung",
    "who_hears": "who hears",
    "exceptions": "exception",
    "classes": "ranking class",
    "warnings": "warning",
}
"""What one entry of a list is called."""

KEYS = {
    "contacts": ("role",),
    "terms": ("printed",),
    "tests": ("kind", "words"),
    "roster": ("name", "post"),
    "duty": ("from_phase",),
    "rungs": ("rung",),
    "who_hears": ("rung", "unit", "role"),
    "exceptions": ("rung", "kind", "units", "relations", "items"),
    "warnings": ("where", "printed"),
}
"""What tells the entries of a list apart; elsewhere their id does."""

WORDS = {
    "due_on": "due date",
    "unit": "unit",
    "rounds_from": "first round from",
    "round_days": "round days",
    "answer_days": "working days to answer",
    "answer_time": "answers due at",
    "data_providers": "data providers",
}
"""Fields whose name in the file is no good English; elsewhere the underscores go."""


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `what`: the entry meant; `field`: what of it changed, from what to what."""

    kind: Literal["added", "removed", "changed"]
    what: str
    field: str = ""
    before: str = ""
    after: str = ""

    @property
    def said(self) -> str:
        """In one line, as a person reads it."""
        if self.kind != "changed":
            return f"{self.kind}: {self.what}"
        of = f"{self.what}: " if self.what else ""
        return f"changed: {of}{self.field}: {self.before or '(none)'} → {self.after or '(none)'}"


def differences(old: Plan, new: Plan) -> list[Difference]:
    """Everything that differs, in the order of the plan; the declared totals follow from the rest."""
    without = {"declared"}
    before, after = (plan.model_dump(mode="json", exclude=without) for plan in (old, new))
    return list(_fields((), before, after))


def _fields(what: tuple[str, ...], before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        was, is_ = before.get(name), after.get(name)
        if was == is_:
            continue
        if isinstance(was or {}, dict) and isinstance(is_ or {}, dict):
            yield from _fields((*what, _word(name)), was or {}, is_ or {})
        elif _is_table(was) or _is_table(is_):
            yield from _entries(what, name, was or [], is_ or [])
        else:
            yield Difference("changed", ", ".join(what), _word(name), _shown(was), _shown(is_))


def _entries(
    what: tuple[str, ...], name: str, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> Iterator[Difference]:
    was, is_ = _keyed(name, before), _keyed(name, after)
    for key in dict.fromkeys((*was, *is_)):
        entry = is_.get(key) or was[key]
        called = (*what, f"{SINGULAR[name]} {_called(name, entry)}")
        if key not in was:
            yield Difference("added", ", ".join(called))
        elif key not in is_:
            yield Difference("removed", ", ".join(called))
        else:
            yield from _fields(called, was[key], is_[key])


def _keyed(name: str, entries: list[dict[str, Any]]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Entries by what tells them apart; alike ones by their order, too."""
    keyed: dict[tuple[str, ...], dict[str, Any]] = {}
    for entry in entries:
        key = tuple(_shown(entry.get(field)) for field in KEYS.get(name, ("id",)))
        while key in keyed:
            key = (*key, "again")
        keyed[key] = entry
    return keyed


def _called(name: str, entry: dict[str, Any]) -> str:
    """The entry's key and its name or title."""
    key = [_shown(entry.get(field)) for field in KEYS.get(name, ("id",)) if entry.get(field)]
    for field in ("title", "name", "short"):
        if entry.get(field) and str(entry[field]) not in key:
            return " ".join((*key, str(entry[field])))
    return " ".join(key) or "0"


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(entry, dict) for entry in value)


def _word(name: str) -> str:
    return WORDS.get(name, name.replace("_", " "))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
