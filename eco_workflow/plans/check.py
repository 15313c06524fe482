"""What must hold across a whole plan file: references, unique names, dates in order, declared totals."""

import difflib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from eco_workflow.plans.schema import Declared, Plan

Path = tuple[str | int, ...]
"""Where in the document, e.g. `("units", 3, "contacts", 0, "address")`."""

WORKING = frozenset({"unit", "office"})
"""Kinds that can owe an answer; a group may support, a superior is never dispatched (DOMAIN 2)."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a plan file."""

    path: Path
    wrong: str
    remedy: str
    value: object = None
    """What stands there; None where there is nothing to show."""

    @property
    def said(self) -> str:
        """What is wrong; the value; what to do."""
        if self.value is None:
            return f"{self.wrong}; {self.remedy}"
        shown = json.dumps(self.value, ensure_ascii=False, default=str)
        return f"{self.wrong}; {shown if len(shown) <= 60 else shown[:59] + '…'}; {self.remedy}"


def findings(plan: Plan) -> Iterator[Finding]:
    """Everything wrong with a plan whose single fields are right."""
    yield from _ids(plan)
    yield from _spellings(plan)
    yield from _references(plan)
    yield from _links(plan)
    yield from _kinds(plan)
    yield from _contacts(plan)
    yield from _phases(plan)
    yield from _dates(plan)
    yield from _ladder(plan)
    yield from _totals(plan)


def count(plan: Plan) -> Declared:
    """The totals of a plan as they are counted."""
    return Declared(
        phases=len(plan.phases),
        milestones=sum(len(phase.milestones) for phase in plan.phases),
        units=len(plan.working_units),
        superiors=sum(unit.kind == "superior" for unit in plan.units),
        groups=sum(unit.kind == "group" for unit in plan.units),
        indicators=len(plan.indicators),
        binding=sum(indicator.binding for indicator in plan.indicators),
        lead_links=sum(len(indicator.lead) for indicator in plan.indicators),
        supporting_links=sum(len(indicator.supporting) for indicator in plan.indicators),
        data_provider_links=sum(len(indicator.data_providers) for indicator in plan.indicators),
        policies=len(plan.policies),
        policy_lead_links=sum(len(policy.lead) for policy in plan.policies),
    )


def _items(plan: Plan) -> Iterator[tuple[Path, str]]:
    for p, phase in enumerate(plan.phases):
        for m, milestone in enumerate(phase.milestones):
            yield ("phases", p, "milestones", m, "id"), milestone.id
    for n, indicator in enumerate(plan.indicators):
        yield ("indicators", n, "id"), indicator.id
    for n, policy in enumerate(plan.policies):
        yield ("policies", n, "id"), policy.id


def _ids(plan: Plan) -> Iterator[Finding]:
    units: list[tuple[Path, str]] = [(("units", n, "id"), unit.id) for n, unit in enumerate(plan.units)]
    for of_one_kind in (list(_items(plan)), units):
        seen: set[str] = set()
        for path, code in of_one_kind:
            if code in seen:
                yield Finding(path, "this id is taken", "give each an id of its own", code)
            seen.add(code)
    for path, code in units:
        if code == "debtor":
            yield Finding(path, "this word stands for whoever is late", "choose another id", code)


def _spellings(plan: Plan) -> Iterator[Finding]:
    owner = {term.printed: "the terms" for term in plan.terms}
    for n, unit in enumerate(plan.units):
        places = [("name",), ("short",), *(("aliases", m) for m in range(len(unit.aliases)))]
        for place, word in zip(places, unit.spellings, strict=True):
            taken = owner.setdefault(word, unit.id)
            # The name may serve as the short name; an alias must add something.
            if taken != unit.id or (place[0] == "aliases" and unit.spellings.count(word) > 1):
                remedy = f"a spelling names one unit, once: remove it here or from {taken}"
                yield Finding(("units", n, *place), "this spelling is taken", remedy, word)


def _unit_references(plan: Plan) -> Iterator[tuple[Path, str | None, frozenset[str]]]:
    """Every place that names a unit, and the kinds that may stand there."""
    supporting = WORKING | {"group"}
    yield ("office", "unit"), plan.office.unit, frozenset({"office"})
    for n, unit in enumerate(plan.units):
        yield ("units", n, "part_of"), unit.part_of, WORKING
        yield ("units", n, "host"), unit.host, WORKING
        for m, code in enumerate(unit.members):
            yield ("units", n, "members", m), code, WORKING
    for n, group in enumerate(plan.working_groups):
        yield ("working_groups", n, "lead"), group.lead, WORKING
    for p, phase in enumerate(plan.phases):
        for m, milestone in enumerate(phase.milestones):
            yield ("phases", p, "milestones", m, "owner"), milestone.owner, WORKING
    for n, indicator in enumerate(plan.indicators):
        for m, code in enumerate(indicator.lead):
            yield ("indicators", n, "lead", m), code, WORKING
        for m, code in enumerate(indicator.supporting):
            yield ("indicators", n, "supporting", m), code, supporting
        for m, code in enumerate(indicator.data_providers):
            yield ("indicators", n, "data_providers", m), code, WORKING
    for n, policy in enumerate(plan.policies):
        for m, code in enumerate(policy.lead):
            yield ("policies", n, "lead", m), code, WORKING
        for m, code in enumerate(policy.supporting):
            yield ("policies", n, "supporting", m), code, supporting
    for n, hearing in enumerate(plan.who_hears):
        yield ("who_hears", n, "unit"), None if hearing.unit == "debtor" else hearing.unit, WORKING
    for n, exception in enumerate(plan.exceptions):
        for m, code in enumerate(exception.units):
            yield ("exceptions", n, "units", m), code, WORKING


def _references(plan: Plan) -> Iterator[Finding]:
    kinds = {unit.id: unit.kind for unit in plan.units}
    for path, code, allowed in _unit_references(plan):
        if code is None:
            continue
        if code not in kinds:
            near = difflib.get_close_matches(code, kinds, n=1)
            remedy = f"did you mean {near[0]}?" if near else "add it under units, or correct the id"
            yield Finding(path, "there is no such unit", remedy, code)
        elif kinds[code] not in allowed:
            remedy = f"name one of kind {' or '.join(sorted(allowed))}"
            yield Finding(path, f"is of kind {kinds[code]}, which cannot stand here", remedy, code)
    items = {code for _, code in _items(plan)}
    for n, exception in enumerate(plan.exceptions):
        for m, code in enumerate(exception.items):
            if code not in items:
                yield Finding(("exceptions", n, "items", m), "there is no such item", "correct the id", code)


def _links(plan: Plan) -> Iterator[Finding]:
    """A unit has one role in an item: an obligation is unique by plan, unit and item."""
    for n, indicator in enumerate(plan.indicators):
        if not indicator.lead and not indicator.data_providers:
            wrong = "has neither lead nor data provider, so nobody would be asked"
            yield Finding(("indicators", n), wrong, "name one of them", indicator.id)
        named = indicator.lead + indicator.supporting + indicator.data_providers
        for code in _twice(named):
            yield Finding(("indicators", n), f"{indicator.id} names a unit twice", "leave one role", code)
    for n, policy in enumerate(plan.policies):
        if not policy.lead:
            yield Finding(("policies", n, "lead"), "names nobody", "name a lead unit", policy.id)
        for code in _twice(policy.lead + policy.supporting):
            yield Finding(("policies", n), f"{policy.id} names a unit twice", "leave one role", code)


def _twice(codes: list[str]) -> list[str]:
    return [code for code, times in Counter(codes).items() if times > 1]


def _kinds(plan: Plan) -> Iterator[Finding]:
    """Fields that belong to one kind of unit: without a relation nobody knows whether to order or to ask."""
    for n, unit in enumerate(plan.units):
        if unit.kind in WORKING and unit.relation is None:
            remedy = "write subordinate, independent or vertical"
            yield Finding(("units", n), f"{unit.id} has no relation", remedy)
        if unit.kind not in WORKING and unit.relation is not None:
            wrong = f"a {unit.kind} is not dispatched and has no relation"
            yield Finding(("units", n, "relation"), wrong, "remove it", unit.relation)
        if unit.kind != "office" and unit.host is not None:
            yield Finding(("units", n, "host"), "only the office has a host", "remove it", unit.host)
        if unit.kind != "group" and (unit.members or unit.members_from):
            yield Finding(("units", n), "only a group has members", "remove them", unit.id)


def _contacts(plan: Plan) -> Iterator[Finding]:
    for n, unit in enumerate(plan.units):
        roles = Counter(contact.role for contact in unit.contacts)
        wanted = 1 if unit.kind in WORKING else 0
        for role in ("liaison", "leader"):
            if roles[role] != wanted:
                wrong = f"{unit.id} has {roles[role]} contacts in the role {role}"
                yield Finding(("units", n, "contacts"), wrong, f"give it {wanted}")


def _phases(plan: Plan) -> Iterator[Finding]:
    for p, phase in enumerate(plan.phases):
        if phase.id != p + 1:
            yield Finding(("phases", p, "id"), "phases are numbered in order", f"write {p + 1}", phase.id)
        if phase.end < phase.start:
            remedy = f"end it on or after {phase.start}"
            yield Finding(("phases", p, "end"), "lies before the phase's start", remedy, phase.end)
        for m, milestone in enumerate(phase.milestones):
            if milestone.id != f"M{phase.id}.{m + 1}":
                path: Path = ("phases", p, "milestones", m, "id")
                remedy = f"write M{phase.id}.{m + 1}"
                yield Finding(path, f"does not match its place in phase {phase.id}", remedy, milestone.id)
    for p, (before, phase) in enumerate(pairwise(plan.phases), start=1):
        follows = before.end + timedelta(days=1)
        if phase.start != follows:
            wrong = f"does not follow phase {before.id}, which ends on {before.end}"
            yield Finding(("phases", p, "start"), wrong, f"write {follows}", phase.start)


def _dates(plan: Plan) -> Iterator[Finding]:
    dated: list[tuple[Path, date]] = [(("rounds_from",), plan.rounds_from)]
    dated += [(("indicators", n, "due_on"), i.due_on) for n, i in enumerate(plan.indicators)]
    dated += [(("policies", n, "due_on"), p.due_on) for n, p in enumerate(plan.policies)]
    for path, day in dated:
        if not plan.starts_on <= day <= plan.ends_on:
            span = f"{plan.starts_on} to {plan.ends_on}"
            yield Finding(path, f"lies outside the plan, {span}", "correct the date", day)
    for n, day_of_month in enumerate(plan.round_days):
        if day_of_month in plan.round_days[:n]:
            yield Finding(("round_days", n), "stands there already", "remove it", day_of_month)


def _ladder(plan: Plan) -> Iterator[Finding]:
    rungs = [rung.rung for rung in plan.ladder.rungs]
    if not rungs or rungs != list(range(1, len(rungs) + 1)):
        yield Finding(("ladder", "rungs"), "do not ascend from 1 without a gap", "number them 1, 2, 3", rungs)
    for n, rung in enumerate(plan.ladder.rungs):
        path: Path = ("ladder", "rungs", n, "after")
        if n == 0 and rung.after != 0:
            yield Finding(path, "rung 1 is told when the clock runs out", "write 0", rung.after)
        if n > 0 and rung.after == 0:
            yield Finding(path, "a case climbs one rung per run", "write 1 or more", rung.after)
    for rung_number in rungs:
        principals = sum(hearing.principal for hearing in plan.who_hears if hearing.rung == rung_number)
        if principals != 1:
            wrong = f"rung {rung_number} has {principals} principal recipients"
            yield Finding(("who_hears",), wrong, "mark exactly one, whose telling counts")
    for n, hearing in enumerate(plan.who_hears):
        if hearing.rung not in rungs:
            remedy = "add the rung, or correct the number"
            yield Finding(("who_hears", n, "rung"), "the ladder has no such rung", remedy, hearing.rung)


def _totals(plan: Plan) -> Iterator[Finding]:
    counted = count(plan)
    for name, declared in plan.declared:
        found = getattr(counted, name)
        if declared != found:
            remedy = "correct the total, or what is missing or too many"
            yield Finding(("declared", name), f"differs from the {found} counted", remedy, declared)
