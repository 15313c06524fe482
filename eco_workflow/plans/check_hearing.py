"""Who hears of a rung and who is excepted from it: what a run does, and nothing else (DOMAIN 5).

What would be read and not done is refused: whoever wrote it would rely on it.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.plans.finding import Finding, Path, place
from eco_workflow.plans.ladder import Hearing
from eco_workflow.plans.schema import Plan

ACCOUNTABILITY = 5

RESERVED = {"debtor": "whoever is late", "leaders": "head and deputies of the leading group"}
"""Words that stand where a unit's id could."""

ONE_WAY = {
    0: {"unit": "debtor", "role": "liaison", "kind": "early_warning"},
    4: {"unit": "leaders", "role": "leader", "kind": "draft_report"},
    ACCOUNTABILITY: {"role": "leader", "kind": "signed_file"},
}
"""Rungs of which one person hears, in one way: what the row of such a rung says."""

TOLD_BY = {
    "reminder": "the debtor is reminded",
    "alert": "the principal is alerted",
    "copy": "others than the principal get a copy",
}
"""The kinds of messages on the rungs between, and to whom each goes."""


def findings(plan: Plan) -> Iterator[Finding]:
    """Everything to say about who hears of the rungs of a plan, and about its exceptions."""
    yield from _hearing(plan)
    yield from _told(plan)
    yield from _exceptions(plan)
    yield from _excepted(plan)
    yield from _of_itself(plan)


def _hearing(plan: Plan) -> Iterator[Finding]:
    rungs = [rung.rung for rung in plan.ladder.rungs]
    principals = _principals(plan)
    for number in dict.fromkeys(rungs):
        if principals[number] != 1:
            wrong = f"rung {number} has {principals[number]} principal recipients"
            yield Finding(("who_hears",), wrong, "mark exactly one, whose telling counts")
    named = [(("who_hears", n, "rung"), hearing.rung) for n, hearing in enumerate(plan.who_hears)]
    named += [(("exceptions", n, "rung"), exception.rung) for n, exception in enumerate(plan.exceptions)]
    for path, number in named:
        if number not in rungs:
            remedy = "add the rung, or correct the number"
            yield Finding(path, "the ladder has no such rung", remedy, number)
    told: set[tuple[int, str, str]] = set()
    for n, hearing in enumerate(plan.who_hears):
        key = (hearing.rung, hearing.unit, hearing.role)
        if key in told:
            wrong, remedy = f"{hearing.unit} hears of rung {hearing.rung} twice", "remove one of the two"
            yield Finding(("who_hears", n), wrong, remedy, hearing.role)
        told.add(key)


def _principals(plan: Plan) -> Counter[int]:
    return Counter(hearing.rung for hearing in plan.who_hears if hearing.principal)


def _told(plan: Plan) -> Iterator[Finding]:
    """Each row says how its rung is told. Without one principal, what hangs on who it is goes unsaid."""
    rungs = {rung.rung for rung in plan.ladder.rungs}
    principals = _principals(plan)
    for n, hearing in enumerate(plan.who_hears):
        if hearing.rung not in rungs:
            continue
        clear = principals[hearing.rung] == 1
        if hearing.rung in ONE_WAY:
            yield from _in_one_way(n, hearing, clear=clear)
        else:
            yield from _by_message(n, hearing, clear=clear)
        replaced = hearing.principal and 0 < hearing.rung < SUPERVISION
        if hearing.otherwise and not replaced:
            wrong = "only the principal of rung 1 or 2 has a substitute"
            yield Finding(("who_hears", n, "otherwise"), wrong, "remove it", hearing.otherwise)


def _in_one_way(n: int, hearing: Hearing, *, clear: bool) -> Iterator[Finding]:
    if clear and not hearing.principal:
        yield Finding(
            ("who_hears", n), f"nobody else hears of rung {hearing.rung}", "remove it", hearing.role
        )
        return
    for field, says in ONE_WAY[hearing.rung].items():
        if (stands := getattr(hearing, field)) != says:
            wrong = f"rung {hearing.rung} is told in one way only"
            yield Finding(("who_hears", n, field), wrong, f"write {says}", stands)
    if hearing.rung == ACCOUNTABILITY and hearing.unit in RESERVED:
        wrong = f"is no unit, which alone gets the file of rung {ACCOUNTABILITY}"
        yield Finding(("who_hears", n, "unit"), wrong, "name the discipline commission", hearing.unit)


def _by_message(n: int, hearing: Hearing, *, clear: bool) -> Iterator[Finding]:
    path: Path = ("who_hears", n, "unit")
    of_debtor = hearing.unit == "debtor"
    if hearing.unit == "leaders":
        wrong = f"the leading group is told on paper, above rung {SUPERVISION}"
        yield Finding(path, wrong, "write debtor, or name a unit", hearing.unit)
    elif hearing.principal and hearing.rung < SUPERVISION and not of_debtor:
        yield Finding(path, "nobody is reported who was never told", "write debtor", hearing.unit)
    elif hearing.principal and hearing.rung == SUPERVISION and of_debtor:
        yield Finding(path, "is no unit that supervises", "name the supervision office", hearing.unit)
    elif of_debtor or clear:
        kind = "reminder" if of_debtor else "alert" if hearing.principal else "copy"
        if hearing.kind != kind:
            yield Finding(("who_hears", n, "kind"), TOLD_BY[kind], f"write {kind}", hearing.kind)


def _exceptions(plan: Plan) -> Iterator[Finding]:
    """An exception names somebody, and nobody has two for a rung: they could differ."""
    seen: dict[tuple[int, str, str], Path] = {}
    for n, exception in enumerate(plan.exceptions):
        if not (exception.units or exception.items or exception.relations):
            wrong, remedy = "excepts nobody", "name units, relations or items"
            yield Finding(("exceptions", n), wrong, remedy, exception.rung)
        for field in ("units", "items", "relations"):
            for m, name in enumerate(getattr(exception, field)):
                path: Path = ("exceptions", n, field, m)
                taken = seen.setdefault((exception.rung, field, name), path)
                if taken != path:
                    wrong = f"is excepted from rung {exception.rung} already"
                    yield Finding(path, wrong, f"remove it here or at {place(taken)}", name)


def _excepted(plan: Plan) -> Iterator[Finding]:
    """Two exceptions there are: units whose alert is a draft, and whoever knows no accountability."""
    rungs = {rung.rung for rung in plan.ladder.rungs}
    for n, exception in enumerate(plan.exceptions):
        path: Path = ("exceptions", n, "rung")
        drafted = exception.kind == "draft"
        only, other = (SUPERVISION, ACCOUNTABILITY) if drafted else (ACCOUNTABILITY, SUPERVISION)
        if exception.rung in rungs and exception.rung != only:
            wrong = (
                f"a draft stands in for the alert of rung {only} only"
                if drafted
                else f"only rung {only} can be left out"
            )
            instead = f"kind: {'none' if drafted else 'draft'}" if exception.rung == other else "remove it"
            yield Finding(path, wrong, f"write rung: {only}, or {instead}", exception.rung)
        for field in ("relations", "items"):
            if drafted and (named := getattr(exception, field)):
                wrong, remedy = "a draft is made for units only", "name units under units, and remove these"
                yield Finding(("exceptions", n, field), wrong, remedy, named)


def _of_itself(plan: Plan) -> Iterator[Finding]:
    """Who supervises is not alerted of itself (DOMAIN 5); if it owes nothing by the plan, tasks may come."""
    owing = {code for indicator in plan.indicators for code in indicator.lead + indicator.data_providers}
    owing |= {code for policy in plan.policies for code in policy.lead}
    owing |= {code for veto in plan.vetoes for code in veto.lead}
    owing |= {duty.unit for duty in plan.duties if not duty.catch_all}
    owing |= {m.owner or plan.office.unit for phase in plan.phases for m in phase.milestones}
    drafts = [e for e in plan.exceptions if e.rung == SUPERVISION and e.kind == "draft"]
    alerted = {unit.id for unit in plan.working_units} - {code for e in drafts for code in e.units}
    for n, hearing in enumerate(plan.who_hears):
        if hearing.rung == SUPERVISION and hearing.principal and hearing.unit in alerted:
            wrong = f"would be alerted of itself when it is late: rung {SUPERVISION} has no exception for it"
            remedy = f"add one under exceptions: rung {SUPERVISION}, units: [{hearing.unit}], kind: draft"
            severity: Literal["error", "warning"] = "error" if hearing.unit in owing else "warning"
            yield Finding(("who_hears", n, "unit"), wrong, remedy, hearing.unit, severity)
