"""What must hold across a whole plan file: references, unique names, dates in order, declared totals.

`check_items` adds what concerns items and their targets, `check_ladder` the ladder and what hangs on it,
`check_hearing` who hears of its rungs.
"""

import difflib
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from eco_workflow.domain.clock import YEARS
from eco_workflow.plans import check_hearing, check_items, check_ladder
from eco_workflow.plans.check_hearing import RESERVED
from eco_workflow.plans.count import count, items
from eco_workflow.plans.finding import Finding, Path, place
from eco_workflow.plans.schema import Plan

WORKING = frozenset({"unit", "office"})
"""Kinds that can owe an answer; a group may support, a superior is never dispatched (DOMAIN 2)."""

NO_UNIT = "there is no such unit"
NO_VETO, NO_ITEM = check_items.NO_VETO, check_items.NO_ITEM
"""What is said of a name that is nobody's."""


def findings(plan: Plan) -> Iterator[Finding]:
    """Everything to say about a plan whose single fields are right."""
    yield from _ids(plan)
    yield from _spellings(plan)
    yield from _references(plan)
    yield from _kinds(plan)
    yield from _contacts(plan)
    yield from _groups(plan)
    yield from _roster(plan)
    yield from _phases(plan)
    yield from _dates(plan)
    yield from check_items.findings(plan)
    yield from check_ladder.findings(plan)
    yield from check_hearing.findings(plan)
    yield from _totals(plan)


def _ids(plan: Plan) -> Iterator[Finding]:
    units: list[tuple[Path, str]] = [(("units", n, "id"), unit.id) for n, unit in enumerate(plan.units)]
    for of_one_kind in (list(items(plan)), units):
        seen: dict[str, Path] = {}
        for path, code in of_one_kind:
            if code in seen:
                remedy = f"{place(seen[code])} has it: give each an id of its own"
                yield Finding(path, "this id is taken", remedy, code)
            seen.setdefault(code, path)
    for path, code in units:
        if code in RESERVED:
            yield Finding(path, f"this word stands for {RESERVED[code]}", "choose another id", code)


def _spellings(plan: Plan) -> Iterator[Finding]:
    owner: dict[str, Path] = {term.printed: ("terms", n) for n, term in enumerate(plan.terms)}
    for n, unit in enumerate(plan.units):
        own: Path = ("units", n)
        fields: list[Path] = [("name",), ("short",), *(("aliases", m) for m in range(len(unit.aliases)))]
        for field, word in zip(fields, unit.spellings, strict=True):
            taken = owner.setdefault(word, (*own, *field))
            # The name may serve as the short name; an alias must add something.
            if taken[:2] != own or (field[0] == "aliases" and unit.spellings.count(word) > 1):
                remedy = f"a spelling names one unit, once: remove it here or from {place(taken)}"
                yield Finding((*own, *field), "this spelling is taken", remedy, word)


Reference = tuple[Path, str | None, frozenset[str]]
"""A place that names a unit, the id that stands there, and the kinds that may."""


def _unit_references(plan: Plan) -> Iterator[Reference]:
    yield ("office", "unit"), plan.office.unit, frozenset({"office"})
    for n, unit in enumerate(plan.units):
        yield ("units", n, "part_of"), unit.part_of, WORKING
        yield ("units", n, "host"), unit.host, WORKING
        for m, code in enumerate(unit.members):
            yield ("units", n, "members", m), code, WORKING
    for n, group in enumerate(plan.working_groups):
        yield ("working_groups", n, "lead"), group.lead, WORKING
    for n, member in enumerate(plan.roster):
        yield ("roster", n, "unit"), member.unit, WORKING
    for n, hearing in enumerate(plan.who_hears):
        yield ("who_hears", n, "unit"), None if hearing.unit in RESERVED else hearing.unit, WORKING
    for n, exception in enumerate(plan.exceptions):
        for m, code in enumerate(exception.units):
            yield ("exceptions", n, "units", m), code, WORKING
    yield from _items_units(plan)


def _items_units(plan: Plan) -> Iterator[Reference]:
    for p, phase in enumerate(plan.phases):
        for m, milestone in enumerate(phase.milestones):
            yield ("phases", p, "milestones", m, "owner"), milestone.owner, WORKING
    for n, duty in enumerate(plan.duties):
        yield ("duties", n, "unit"), duty.unit, WORKING
    for n, indicator in enumerate(plan.indicators):
        yield from _roles(("indicators", n), indicator.lead, indicator.supporting)
        for m, code in enumerate(indicator.data_providers):
            yield ("indicators", n, "data_providers", m), code, WORKING
        for m, part in enumerate(indicator.parts):
            yield from _roles(("indicators", n, "parts", m), part.lead, [])
    for n, policy in enumerate(plan.policies):
        yield from _roles(("policies", n), policy.lead, policy.supporting)
    for n, veto in enumerate(plan.vetoes):
        yield from _roles(("vetoes", n), veto.lead, veto.supporting)


def _roles(path: Path, lead: list[str], supporting: list[str]) -> Iterator[Reference]:
    for m, code in enumerate(lead):
        yield (*path, "lead", m), code, WORKING
    for m, code in enumerate(supporting):
        yield (*path, "supporting", m), code, WORKING | {"group"}


def _references(plan: Plan) -> Iterator[Finding]:
    kinds = {unit.id: unit.kind for unit in plan.units}
    stands = {unit.id: place(("units", n, "id")) for n, unit in enumerate(plan.units)}
    for path, code, allowed in _unit_references(plan):
        if code is None:
            continue
        if code not in kinds:
            near = difflib.get_close_matches(code, kinds, n=1)
            remedy = f"did you mean {near[0]}?" if near else "add it under units, or correct the id"
            yield Finding(path, NO_UNIT, remedy, code)
        elif kinds[code] not in allowed:
            kind = " or ".join(sorted(allowed))
            remedy = f"name one of kind {kind}, or correct the id or kind at {stands[code]}"
            yield Finding(path, f"is of kind {kinds[code]}, which cannot stand here", remedy, code)


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
        if unit.host == unit.id:
            yield Finding(
                ("units", n, "host"), "the office is no host of itself", "name the bureau, or none", unit.host
            )
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


def _groups(plan: Plan) -> Iterator[Finding]:
    for n, unit in enumerate(plan.units):
        if unit.kind == "group" and not plan.members_of(unit):
            wrong = f"the group {unit.id} has no members yet, so it reaches nobody"
            remedy = "name its units under members when they are known"
            yield Finding(("units", n), wrong, remedy, unit.name, "warning")


def _roster(plan: Plan) -> Iterator[Finding]:
    heads = [n for n, member in enumerate(plan.roster) if member.role == "head"]
    if plan.roster and len(heads) != 1:
        wrong = f"names {len(heads)} heads of the leading group"
        yield Finding(("roster",), wrong, "give exactly one the role head")
    posts_of: dict[str, list[str]] = {}
    spellings = {word for unit in plan.units for word in unit.spellings}
    for n, member in enumerate(plan.roster):
        posts = posts_of.setdefault(member.name, [])
        if member.post in posts:
            wrong, remedy = "stands there already with this post", "remove one of the two"
            yield Finding(("roster", n), wrong, remedy, member.name)
        elif posts:
            wrong, remedy = "stands there already with another post", "look whether it is the same person"
            yield Finding(("roster", n, "name"), wrong, remedy, member.name, "warning")
        posts.append(member.post)
        if member.post in spellings:
            wrong, remedy = "names a unit and no post in it", "add the post when it is known"
            yield Finding(("roster", n, "post"), wrong, remedy, member.post, "warning")


def _phases(plan: Plan) -> Iterator[Finding]:
    for p, phase in enumerate(plan.phases):
        if phase.id != p + 1:
            yield Finding(("phases", p, "id"), "phases are numbered in order", f"write {p + 1}", phase.id)
        if phase.end < phase.start:
            remedy = f"end it on or after {phase.start}"
            yield Finding(("phases", p, "end"), "lies before the phase's start", remedy, phase.end)
            remedy = f"start it on or before {phase.end}"
            yield Finding(("phases", p, "start"), "lies after the phase's end", remedy, phase.start)
        for m, milestone in enumerate(phase.milestones):
            expected = f"M{phase.id}.{m + 1}"
            if milestone.id != expected:
                path: Path = ("phases", p, "milestones", m, "id")
                remedy = check_items.write_or_exchange(plan, expected)
                yield Finding(path, f"does not match its place in phase {phase.id}", remedy, milestone.id)
    for p, (before, phase) in enumerate(pairwise(plan.phases), start=1):
        follows = before.end + timedelta(days=1)
        if phase.start != follows:
            wrong = f"does not follow phase {before.id}, which ends on {before.end}"
            yield Finding(("phases", p, "start"), wrong, f"write {follows}", phase.start)
        if phase.key in [earlier.key for earlier in plan.phases[:p]]:
            wrong, remedy = "an earlier phase has this key", "give each phase a key of its own"
            yield Finding(("phases", p, "key"), wrong, remedy, phase.key)


def _dates(plan: Plan) -> Iterator[Finding]:
    dated: list[tuple[Path, date]] = [(("rounds_from",), plan.rounds_from)]
    dated += [(("indicators", n, "due_on"), i.due_on) for n, i in enumerate(plan.indicators)]
    dated += [(("policies", n, "due_on"), p.due_on) for n, p in enumerate(plan.policies)]
    ends: list[tuple[Path, date]] = [(("phases", 0, "start"), plan.starts_on)]
    ends += [(("phases", len(plan.phases) - 1, "end"), plan.ends_on)]
    for path, day in ends:
        if day.year not in YEARS:
            yield Finding(path, "lies in no year that a plan runs in", "correct the year", day)
    if plan.starts_on > plan.ends_on:
        dated = []  # the phases are at fault, not every date
    for path, day in dated:
        if not plan.starts_on <= day <= plan.ends_on:
            span = f"{plan.starts_on} to {plan.ends_on}"
            yield Finding(path, f"lies outside the plan, {span}", "correct the date", day)
    for n, day_of_month in enumerate(plan.round_days):
        if day_of_month in plan.round_days[:n]:
            yield Finding(("round_days", n), "stands there already", "remove it", day_of_month)


def _totals(plan: Plan) -> Iterator[Finding]:
    counted = count(plan)
    for name, declared in plan.declared:
        found = getattr(counted, name)
        if declared != found:
            remedy = "correct the total, or what is missing or too many"
            yield Finding(("declared", name), f"differs from the {found} counted", remedy, declared)
