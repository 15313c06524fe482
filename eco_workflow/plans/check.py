"""What must hold across a whole plan file: references, unique names, dates in order, declared totals."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from eco_workflow.plans.schema import Declared, Plan

Path = tuple[str | int, ...]
Finding = tuple[Path, str]
"""Where in the document, and what is wrong with what to do about it."""


def findings(plan: Plan) -> Iterator[Finding]:
    """Everything wrong with a plan whose single fields are right."""
    yield from _unique(plan)
    yield from _references(plan)
    yield from _contacts(plan)
    yield from _phases(plan)
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


def _unique(plan: Plan) -> Iterator[Finding]:
    seen: set[str] = set()
    for path, code in _items(plan):
        if code in seen:
            yield path, f"{code!r} is used twice; every item has an id of its own"
        seen.add(code)
    words: dict[str, str] = {}
    for n, unit in enumerate(plan.units):
        for word in {unit.id, *unit.spellings}:
            owner = words.setdefault(word, unit.id)
            if owner != unit.id or (word == unit.id and Counter(u.id for u in plan.units)[word] > 1):
                yield ("units", n, "id"), f"{word!r} already names {owner!r}; a spelling names one unit"


def _references(plan: Plan) -> Iterator[Finding]:
    known = {unit.id: unit for unit in plan.units}
    items = {code for _, code in _items(plan)}

    def unknown(path: Path, code: str | None) -> Iterator[Finding]:
        if code is not None and code not in known:
            yield path, f"{code!r} is no unit of this plan; add it under units or correct the id"

    def dispatched(path: Path, code: str) -> Iterator[Finding]:
        yield from unknown(path, code)
        if code in known and known[code].kind not in ("unit", "office"):
            yield path, f"{code!r} is a {known[code].kind}, which is never asked; name a unit"

    yield from dispatched(("office", "unit"), plan.office.unit)
    for n, unit in enumerate(plan.units):
        yield from unknown(("units", n, "part_of"), unit.part_of)
        yield from unknown(("units", n, "host"), unit.host)
        for m, member in enumerate(unit.members):
            yield from unknown(("units", n, "members", m), member)
    for n, group in enumerate(plan.working_groups):
        yield from unknown(("working_groups", n, "lead"), group.lead)
    for p, phase in enumerate(plan.phases):
        for m, milestone in enumerate(phase.milestones):
            if milestone.owner:
                yield from dispatched(("phases", p, "milestones", m, "owner"), milestone.owner)
    for n, indicator in enumerate(plan.indicators):
        for role in ("lead", "data_providers"):
            for m, code in enumerate(getattr(indicator, role)):
                yield from dispatched(("indicators", n, role, m), code)
        for m, code in enumerate(indicator.supporting):
            yield from unknown(("indicators", n, "supporting", m), code)
        owed = indicator.lead + indicator.data_providers
        if not owed:
            yield (
                ("indicators", n),
                f"{indicator.id} has neither lead nor data provider: nobody would be asked",
            )
        if len(set(owed)) < len(owed):
            yield ("indicators", n), f"{indicator.id} names a unit twice; a unit owes an item once"
    for n, policy in enumerate(plan.policies):
        for m, code in enumerate(policy.lead):
            yield from dispatched(("policies", n, "lead", m), code)
        for m, code in enumerate(policy.supporting):
            yield from unknown(("policies", n, "supporting", m), code)
    for n, hearing in enumerate(plan.who_hears):
        if hearing.unit != "debtor":
            yield from dispatched(("who_hears", n, "unit"), hearing.unit)
    for n, exception in enumerate(plan.exceptions):
        for m, code in enumerate(exception.units):
            yield from unknown(("exceptions", n, "units", m), code)
        for m, item in enumerate(exception.items):
            if item not in items:
                yield ("exceptions", n, "items", m), f"{item!r} is no item of this plan"


def _contacts(plan: Plan) -> Iterator[Finding]:
    for n, unit in enumerate(plan.units):
        roles = Counter(contact.role for contact in unit.contacts)
        wanted = 1 if unit.kind in ("unit", "office") else 0
        for role in ("liaison", "leader"):
            if roles[role] != wanted:
                yield (
                    ("units", n, "contacts"),
                    f"{unit.id} has {roles[role]} contacts in the role {role}; it takes {wanted}",
                )


def _phases(plan: Plan) -> Iterator[Finding]:
    for p, phase in enumerate(plan.phases):
        if phase.end < phase.start:
            yield ("phases", p, "end"), f"{phase.end} lies before the phase's start, {phase.start}"
        if p and phase.start != plan.phases[p - 1].end + timedelta(days=1):
            yield (
                ("phases", p, "start"),
                f"{phase.start} does not follow the phase before, which ends on {plan.phases[p - 1].end}",
            )
        for m, milestone in enumerate(phase.milestones):
            if not milestone.id.startswith(f"M{phase.id}."):
                yield (
                    ("phases", p, "milestones", m, "id"),
                    f"{milestone.id!r} stands in phase {phase.id}; name it M{phase.id}.…",
                )
    dated = [("indicators", n, i.due_on) for n, i in enumerate(plan.indicators)]
    dated += [("policies", n, p.due_on) for n, p in enumerate(plan.policies)]
    for kind, n, due_on in dated:
        if not plan.starts_on <= due_on <= plan.ends_on:
            yield (
                (kind, n, "due_on"),
                f"{due_on} lies outside the plan, {plan.starts_on} to {plan.ends_on}",
            )
    if not plan.starts_on <= plan.rounds_from <= plan.ends_on:
        yield ("rounds_from",), f"{plan.rounds_from} lies outside the plan"


def _ladder(plan: Plan) -> Iterator[Finding]:
    rungs = [rung.rung for rung in plan.ladder.rungs]
    if rungs != list(range(1, len(rungs) + 1)) or not rungs:
        yield ("ladder", "rungs"), f"the rungs are {rungs}; they ascend from 1 without a gap"
    for rung in rungs:
        principals = sum(hearing.principal for hearing in plan.who_hears if hearing.rung == rung)
        if principals != 1:
            yield (
                ("who_hears",),
                f"rung {rung} has {principals} principal recipients; it takes 1, whose telling counts",
            )


def _totals(plan: Plan) -> Iterator[Finding]:
    counted = count(plan)
    for name, declared in plan.declared:
        found = getattr(counted, name)
        if declared != found:
            yield ("declared", name), f"{declared} is declared, {found} are there; correct one of them"
