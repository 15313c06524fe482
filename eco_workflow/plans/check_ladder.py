"""What must hold for the ladder, rhythms, lights and ranking (DOMAIN 5, 6)."""

from collections.abc import Iterator
from itertools import pairwise

from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.overdue import CLOCKS
from eco_workflow.domain.ranking import DELIVERY, UNRANKED
from eco_workflow.domain.rhythms import initials
from eco_workflow.plans.check_hearing import ACCOUNTABILITY
from eco_workflow.plans.finding import Finding, Path
from eco_workflow.plans.schema import Plan


def findings(plan: Plan) -> Iterator[Finding]:
    """Everything to say about the ladder, the rhythms, the lights and the ranking of a plan."""
    yield from _rungs(plan)
    yield from _clocks(plan)
    yield from _rhythms(plan)
    yield from _lights(plan)
    yield from _ranking(plan)


def _rungs(plan: Plan) -> Iterator[Finding]:
    rungs = [rung.rung for rung in plan.ladder.rungs]
    first = 0 if rungs[:1] == [0] else 1
    if not rungs or rungs != list(range(first, first + len(rungs))) or rungs == [0]:
        wrong, remedy = "do not ascend from 0 or 1 without a gap", "number them 1, 2, 3"
        yield Finding(("ladder", "rungs"), wrong, remedy, rungs)
    for n, rung in enumerate(plan.ladder.rungs):
        path: Path = ("ladder", "rungs", n)
        if rung.ways_up != 1:
            yield Finding(path, "needs one way up", "write one of after, before_due, decided_by", rung.rung)
        if rung.rung == 0 and (rung.before_due is None or list(rung.clocks) != ["task"]):
            wrong = "rung 0 warns of a due date, which the task clock alone has"
            yield Finding(path, wrong, "write clocks: [task] and before_due", 0)
        if rung.rung >= 1 and rung.before_due is not None:
            wrong, remedy = "only rung 0 comes before the due date", "write after"
            yield Finding((*path, "before_due"), wrong, remedy, rung.before_due)
        if rung.rung == 1 and rung.after not in (0, None):
            yield Finding((*path, "after"), "rung 1 is told when the clock runs out", "write 0", rung.after)
        if rung.rung > 1 and rung.after == 0:
            yield Finding((*path, "after"), "a case climbs one rung per run", "write 1 or more", rung.after)
        if rung.rung < ACCOUNTABILITY and rung.decided_by is not None:
            wrong = f"up to rung {ACCOUNTABILITY - 1} a case climbs by itself"
            yield Finding((*path, "decided_by"), wrong, "write after", rung.decided_by)
        if rung.rung == ACCOUNTABILITY and rung.after is not None:
            wrong = f"only a leader's decision leads to rung {ACCOUNTABILITY}"
            yield Finding((*path, "after"), wrong, "write decided_by: leader", rung.after)


def _clocks(plan: Plan) -> Iterator[Finding]:
    """A clock's rungs have no gap; those of reports and evidence end where supervision begins, those of tasks
    and indicators are one ladder.
    """
    for n, rung in enumerate(plan.ladder.rungs):
        path: Path = ("ladder", "rungs", n, "clocks")
        if not rung.clocks or len(set(rung.clocks)) != len(rung.clocks):
            yield Finding(path, "name no clock, or one twice", "name each once", list(rung.clocks))
        if rung.rung >= 1 and ("task" in rung.clocks) != ("indicator" in rung.clocks):
            wrong, remedy = "tasks and indicators climb the same rungs", "name both or neither"
            yield Finding(path, wrong, remedy, list(rung.clocks))
        if rung.rung > SUPERVISION:
            ended = [clock for clock in ("report", "evidence") if clock in rung.clocks]
            if ended:
                wrong = f"the {' and the '.join(ended)} clock ends at rung {SUPERVISION}"
                yield Finding(path, wrong, "write clocks: [task, indicator]", rung.rung)
    for clock in CLOCKS:
        rungs = [r.rung for r in plan.ladder.rungs if r.rung >= 1 and clock in r.clocks]
        if rungs and rungs != list(range(1, len(rungs) + 1)):
            wrong = f"the rungs of the {clock} clock have a gap"
            yield Finding(("ladder", "rungs"), wrong, "give each rung below it the same clock", rungs)
        if not rungs:
            wrong = f"the {clock} clock has no rung"
            yield Finding(("ladder", "rungs"), wrong, f"name {clock} under clocks of rung 1")


def _rhythms(plan: Plan) -> Iterator[Finding]:
    duty = plan.rhythms.duty
    for n, entry in enumerate(duty):
        if entry.from_phase > len(plan.phases):
            path: Path = ("rhythms", "duty", n, "from_phase")
            wrong, remedy = f"the plan has {len(plan.phases)} phases", "name one of them"
            yield Finding(path, wrong, remedy, entry.from_phase)
    for n, (before, after) in enumerate(pairwise(duty), start=1):
        if after.from_phase <= before.from_phase:
            path = ("rhythms", "duty", n, "from_phase")
            wrong = f"does not come after phase {before.from_phase}"
            yield Finding(path, wrong, "put the rhythms in the order of their phases", after.from_phase)
    seen: dict[str, str] = {}
    for n, recurring in enumerate(plan.rhythms.office):
        path = ("rhythms", "office", n, "id")
        begins = initials(recurring.id)
        if seen.get(begins) == recurring.id:
            yield Finding(path, "this id is taken", "give each an id of its own", recurring.id)
        elif begins in seen:
            wrong = f"the codes of its turns would begin with {begins}, as those of {seen[begins]} do"
            yield Finding(path, wrong, "choose an id with other initials", recurring.id)
        seen.setdefault(begins, recurring.id)


def _lights(plan: Plan) -> Iterator[Finding]:
    lights = plan.lights
    wrong = "turns red no later than yellow"
    if lights.yellow_behind_points >= lights.red_behind_points:
        remedy = "write fewer points for yellow than for red"
        yield Finding(("lights", "yellow_behind_points"), wrong, remedy, lights.yellow_behind_points)
    if lights.review_yellow_days >= lights.review_red_days:
        remedy = "write fewer days for yellow than for red"
        yield Finding(("lights", "review_yellow_days"), wrong, remedy, lights.review_yellow_days)


def _ranking(plan: Plan) -> Iterator[Finding]:
    sizes = [group.at_least for group in plan.ranking.classes]
    if sizes != sorted(set(sizes), reverse=True) or sizes[-1:] != [0]:
        wrong = "do not fall to 0, so some unit would be in no class or in two"
        yield Finding(("ranking", "classes"), wrong, "order them by at_least, the last 0", sizes)
    codes = [group.id for group in plan.ranking.classes]
    for n, code in enumerate(codes):
        if code in (DELIVERY, UNRANKED) or code in codes[:n]:
            path = ("ranking", "classes", n, "id")
            yield Finding(path, "another list of the ranking has this id", "choose another", code)
