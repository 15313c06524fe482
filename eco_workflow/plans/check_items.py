"""What must hold across the items of a plan file: roles, targets, evidence, duties (DOMAIN 2)."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from eco_workflow.domain.targets import Part
from eco_workflow.plans.count import evidence, items, targets
from eco_workflow.plans.finding import Finding, Path, place
from eco_workflow.plans.schema import Indicator, Plan
from eco_workflow.plans.targets import Bound, Rise, Stated, Test

NO_ITEM = "there is no such item"
NO_VETO = "there is no such veto item"

LETTERS = "abcdefghijklmnopqrstuvwxyz"
BOUNDS = ("at_least", "at_most", "equals")
DIGITS = "零一二三四五六七八九"
PRINTED = re.compile(
    r"[一二三四五六七八九十]\((?P<heading>[一二三四五六七八九]?十?[一二三四五六七八九]?)\)(?P<number>\d*)"
)
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def findings(plan: Plan) -> Iterator[Finding]:
    """Everything to say about the items of a plan."""
    yield from _links(plan)
    yield from _order(plan)
    yield from _shapes(plan)
    for path, target, measure, figures, tests in targets(plan):
        takes = Part("", "", measure or "", figures=figures)
        for n, test in enumerate(tests):
            if isinstance(test, Bound):
                yield from _range((*path, "tests", n), test, takes)
            yield from _test((*path, "tests", n), test, target, measure)
        yield from _together((*path, "tests"), tests)
    yield from _evidence(plan)
    yield from _duties(plan)
    yield from _waiting(plan)
    yield from _item_references(plan)


def _links(plan: Plan) -> Iterator[Finding]:
    """A unit has one role in an item: an obligation is unique by plan, unit and item."""
    for n, indicator in enumerate(plan.indicators):
        if not indicator.lead and not indicator.data_providers:
            wrong = "has neither lead nor data provider, so nobody would be asked"
            yield Finding(("indicators", n), wrong, "name one of them", indicator.id)
        named = indicator.lead + indicator.supporting + indicator.data_providers
        for code in _twice(named):
            yield Finding(("indicators", n), f"{indicator.id} names a unit twice", "leave one role", code)
        for m, part in enumerate(indicator.parts):
            for k, code in enumerate(part.lead):
                if code not in indicator.lead:
                    path: Path = ("indicators", n, "parts", m, "lead", k)
                    yield Finding(path, f"does not lead {indicator.id}", "name one of its leads", code)
    led = [(("policies", n), policy) for n, policy in enumerate(plan.policies)]
    led += [(("vetoes", n), veto) for n, veto in enumerate(plan.vetoes)]  # type: ignore[misc]
    for at, item in led:
        if not item.lead:
            yield Finding((*at, "lead"), "names nobody", "name a lead unit", item.id)
        for code in _twice(item.lead + item.supporting):
            yield Finding(at, f"{item.id} names a unit twice", "leave one role", code)


def _twice(codes: list[str]) -> list[str]:
    return [code for code, times in Counter(codes).items() if times > 1]


def _order(plan: Plan) -> Iterator[Finding]:
    """Ids that do not ascend are no error, but two of them may have been exchanged."""
    counted = [(path, code) for path, code in items(plan) if path[0] in ("indicators", "policies", "vetoes")]
    for (path, code), (next_path, next_code) in pairwise(counted):
        if path[0] == next_path[0] and int(code[1:]) > int(next_code[1:]):
            remedy = f"look whether it was exchanged with another, e.g. that at {place(path)}"
            yield Finding(next_path, f"stands after {code}", remedy, next_code, "warning")


def _shapes(plan: Plan) -> Iterator[Finding]:
    """An indicator has either tests, or parts, or branches, numbered under its own id."""
    for n, indicator in enumerate(plan.indicators):
        path: Path = ("indicators", n)
        shapes = [name for name in ("tests", "parts", "branches") if getattr(indicator, name)]
        if len(shapes) > 1:
            wrong = f"has {' and '.join(shapes)}"
            yield Finding(path, wrong, "leave one of them: tests, parts or branches", indicator.id)
        if not shapes:
            wrong, remedy = "has no tests, so it can never be found met", "write tests, parts or branches"
            yield Finding(path, wrong, remedy, indicator.id)
        numbers = [("parts", m, part.id, f"{m + 1}") for m, part in enumerate(indicator.parts)]
        letters = [("branches", m, b.id, LETTERS[m % 26]) for m, b in enumerate(indicator.branches)]
        yield from _numbered(plan, path, indicator.id, numbers + letters)
        if indicator.branches:
            yield from _branches(path, indicator)


def _numbered(plan: Plan, path: Path, code: str, below: list[tuple[str, int, str, str]]) -> Iterator[Finding]:
    """Parts and branches (list, place, id, its end) bear the indicator's id and count up.

    Where all of them bear one other id and count up under that, the indicator's is the wrong one: one
    finding instead of one for each part.
    """
    others = {found.partition(".")[0] for _, _, found, _ in below}
    if others - {code} and len(others) == 1 and all(f.partition(".")[2] == end for _, _, f, end in below):
        [other] = others
        wrong = f"does not match its {below[0][0]}, which are numbered {other}"
        yield Finding((*path, "id"), wrong, write_or_exchange(plan, other), code)
        return
    for name, m, found, end in below:
        if found != f"{code}.{end}":
            wrong = f"does not match its place in {code}"
            yield Finding((*path, name, m, "id"), wrong, f"write {code}.{end}", found)


def write_or_exchange(plan: Plan, code: str) -> str:
    """The remedy for an item whose id should be another: that one may stand at an item to exchange with."""
    taken = next((place(path) for path, other in items(plan) if other == code), "")
    return f"write {code}" + (f", which stands at {taken}: the two may be exchanged" if taken else "")


def _branches(path: Path, indicator: Indicator) -> Iterator[Finding]:
    """Two alternatives that meet at one figure of the base, so that exactly one applies."""
    at_most = [b.applies.base_at_most for b in indicator.branches]
    above = [b.applies.base_above for b in indicator.branches]
    meet = len(at_most) == 2 and at_most[1] is None and above[0] is None and at_most[0] == above[1]
    if not meet or at_most[0] is None:
        wrong = "do not leave exactly one branch to every base"
        remedy = "write two: the first base_at_most, the second base_above, with the same figure"
        yield Finding((*path, "branches"), wrong, remedy, indicator.id)


def _test(path: Path, test: Test, target: str, measure: str | None) -> Iterator[Finding]:
    if isinstance(test, Stated):
        if test.words not in target:
            wrong = f"is not in the printed target, {target}"
            yield Finding((*path, "words"), wrong, "write the printed words", test.words)
        return
    if isinstance(test, Bound | Rise):
        yield from _figure(path, test, target)
    if test.kind != "trend" and measure is None:
        yield Finding(path, "speaks of a figure, but there is no measure", 'write unit, e.g. "%"', test.kind)


def _range(path: Path, bound: Bound, takes: Part) -> Iterator[Finding]:
    """A bound that no figure could reach."""
    for name in BOUNDS:
        figure = getattr(bound, name)
        if figure is not None and (wrong := takes.implausible(figure)):
            yield Finding((*path, name), wrong, "correct it, or write figures: change", str(figure))


def _figure(path: Path, test: Bound | Rise, target: str) -> Iterator[Finding]:
    names = BOUNDS if isinstance(test, Bound) else ("at_least",)
    given = [(name, getattr(test, name)) for name in names if getattr(test, name) is not None]
    if len(given) != 1:
        wrong = f"gives {len(given)} bounds"
        yield Finding(path, wrong, "write exactly one of at_least, at_most, equals")
    printed = [Decimal(number) for number in NUMBER.findall(target)]
    for name, figure in given:
        if figure not in printed:
            wrong = f"is not the figure of the printed target, {target}"
            remedy = "correct one of the two"
            yield Finding((*path, name), wrong, remedy, str(figure), "error" if printed else "warning")


def _together(path: Path, tests: list[Test]) -> Iterator[Finding]:
    """What must hold between the tests of one list."""
    assigned = [test for test in tests if test.kind == "assigned"]
    trends = [(n, test) for n, test in enumerate(tests) if test.kind == "trend"]
    if len(assigned) > 1:
        yield Finding(path, "has more than one figure from above", "leave one assigned test")
    for n, trend in trends:
        if trend.tolerance < 0:
            wrong, value = "is below zero", str(trend.tolerance)
            yield Finding((*path, n, "tolerance"), wrong, "write 0 or more", value)
        if trend.measure_from_assigned and not assigned:
            wrong, remedy = "there is no figure from above to bring the measure", "add an assigned test"
            yield Finding((*path, n, "measure_from_assigned"), wrong, remedy)
        if not trend.measure_from_assigned and any(test.better != trend.better for test in assigned):
            wrong = "runs against the figure from above"
            yield Finding((*path, n, "better"), wrong, "make both higher or both lower", trend.better)


def _evidence(plan: Plan) -> Iterator[Finding]:
    begins = plan.evidence.required_from
    if begins and not plan.starts_on <= begins <= plan.ends_on:
        remedy = f"write a day from {plan.starts_on} to {plan.ends_on}"
        yield Finding(("evidence", "required_from"), "lies outside the phases", remedy, str(begins))
    for n, year in enumerate(plan.evidence.data_years):
        if year > plan.ends_on.year:
            wrong, remedy = "is after the plan", f"write {plan.ends_on.year} or an earlier year"
            yield Finding(("evidence", "data_years", n), wrong, remedy, str(year))
    for path, required in evidence(plan):
        seen: set[str] = set()
        for n, file in enumerate(required):
            if file.id in seen:
                wrong, remedy = "this id is taken in the same item", "number its evidence E1, E2, E3"
                yield Finding((*path, n, "id"), wrong, remedy, file.id)
            seen.add(file.id)


def _duties(plan: Plan) -> Iterator[Finding]:
    """Duties count up under their heading; the heading has one owner, and one catch-all, at its end."""
    last: dict[str, tuple[int, str, bool]] = {}
    for n, duty in enumerate(plan.duties):
        path: Path = ("duties", n)
        heading, number = duty.id[1:].split(".")
        before, owner, closed = last.get(heading, (0, duty.unit, False))
        if int(number) != before + 1:
            wrong = f"does not follow D{heading}.{before}" if before else f"begins heading {heading}"
            remedy = write_or_exchange(plan, f"D{heading}.{before + 1}")
            yield Finding((*path, "id"), wrong, remedy, duty.id)
        if (printed := _printed_number(duty.source)) and printed != (int(heading), int(number)):
            wrong = f"is not the place of {duty.id}, which is heading {heading}, duty {number}"
            yield Finding((*path, "source"), wrong, "look which of the two is right", duty.source, "warning")
        if duty.unit != owner:
            wrong = f"is not the owner of heading {heading}"
            yield Finding((*path, "unit"), wrong, f"write {owner}: a joint duty has one owner", duty.unit)
        if closed:
            wrong, remedy = "stands after the heading's catch-all", "put the catch-all last"
            yield Finding((*path, "id"), wrong, remedy, duty.id)
        if duty.catch_all and (duty.yes_no or duty.rhythm):
            wrong, remedy = "a catch-all is never asked", "remove yes_no and rhythm, or catch_all"
            yield Finding((*path, "catch_all"), wrong, remedy, duty.id)
        last[heading] = (int(number), owner, closed or duty.catch_all)


def _printed_number(source: str) -> tuple[int, int] | None:
    """Heading and number of `四(十二)4`; a heading's only duty may have none. None if said otherwise."""
    found = PRINTED.fullmatch(source)
    if found is None:
        return None
    tens, ten, ones = found["heading"].rpartition("十")
    heading = (DIGITS.index(tens) if tens else 1) * 10 if ten else 0
    return heading + (DIGITS.index(ones) if ones else 0), int(found["number"] or 1)


def _waiting(plan: Plan) -> Iterator[Finding]:
    """What waits on an own milestone would have no due date for a reason that the office could mend."""
    external = [m.id for phase in plan.phases for m in phase.milestones if m.external]
    for n, phase in enumerate(plan.phases):
        for m, milestone in enumerate(phase.milestones):
            path: Path = ("phases", n, "milestones", m, "waits_on")
            if milestone.waits_on and (milestone.external or milestone.opens):
                why = "is external itself" if milestone.external else f"opens with the {milestone.opens}"
                yield Finding(path, f"{milestone.id} {why}, and has no due date anyway", "remove it")
            for k, code in enumerate(milestone.waits_on):
                if code not in external:
                    remedy = f"name one of {', '.join(external)}" if external else "remove it"
                    yield Finding((*path, k), "is no external milestone", remedy, code)


def _item_references(plan: Plan) -> Iterator[Finding]:
    known = {code for _, code in items(plan)}
    vetoes = {veto.id for veto in plan.vetoes}
    for n, exception in enumerate(plan.exceptions):
        for m, code in enumerate(exception.items):
            if code not in known:
                yield Finding(("exceptions", n, "items", m), NO_ITEM, "correct the id", code)
    for n, indicator in enumerate(plan.indicators):
        if indicator.linked_veto is not None and indicator.linked_veto not in vetoes:
            path: Path = ("indicators", n, "linked_veto")
            yield Finding(path, NO_VETO, "correct the id", indicator.linked_veto)
