"""What the two offices decide, and what an operator does by hand: in the product and in the model alike."""

from datetime import date

from eco_workflow.domain.escalation import SUPERVISION
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.services import adhoc_round, extension, merge_units, papers, suspension, tell_by_hand
from eco_workflow.services import hold as holds
from eco_workflow.services import release_summary as summaries
from eco_workflow.services import remind as reminders
from tests.office import OPERATOR, SUPERVISOR, liaison
from tests.properties.model import by_hand, decisions
from tests.properties.model.rows import Case, Round
from tests.properties.world import World

LEADER = Actor("leader", frozenset({Role.LEADER}))
OFFICES = {"operator": OPERATOR, "supervisor": SUPERVISOR}


def hold(world: World) -> None:
    world.told("the plan is held")
    holds.hold(world.database, "why", now=world.now, by=OPERATOR)
    decisions.hold(world.books, world.now)


def release(world: World) -> None:
    world.told("the plan goes on")
    holds.release(world.database, world.days, now=world.now, by=OPERATOR)
    decisions.release(world.books, world.now)


def plan_adhoc(world: World, on: date, units: list[str]) -> bool:
    """An ad-hoc round asks these units about all they have open; False where it cannot be planned."""
    owed = [key for key in world.books.owes if key[0] in units and world.books.may_be_asked(*key)]
    same_day = [r for r in world.books.rounds if r.printed == on]
    is_free = all(not r.is_adhoc and r.state == "planned" for r in same_day)
    asked = {unit for unit, _ in owed}
    if not owed or not is_free or on > world.loaded.plan.ends_on:
        return False
    world.told(f"an ad-hoc round of {on} is planned for {', '.join(sorted(asked))}")
    adhoc_round.plan_adhoc_round(
        world.database,
        on=on,
        units=sorted(asked),
        items=sorted({item for _, item in owed}),
        note="why",
        now=world.now,
        by=OPERATOR,
    )
    decisions.plan_adhoc(world.books, on, set(owed))
    return True


def release_summary(world: World, round_: Round) -> None:
    world.told(f"the summary of the round of {round_.name} is released")
    printed, kind = round_.name
    summaries.release(world.database, printed, kind=kind, now=world.now, by=OPERATOR)
    decisions.release_summary(world.books, round_)


def ask_extension(world: World, unit: str, item: str, until: date) -> None:
    world.told(f"{unit} asks for {item} until {until}")
    extension.ask(world.database, unit, item, until=until, reason="why", now=world.now, by=liaison(unit))
    decisions.ask_extension(world.books, unit, item, until, world.today)


def decide_extension(world: World, unit: str, item: str, *, grant: bool) -> None:
    """The office decides the first, a leader grants a further one."""
    world.told(f"the extension of {item} of {unit}: granted={grant}")
    again = any(x.granted and (x.unit, x.item) == (unit, item) for x in world.books.extensions)
    by = LEADER if again and grant else OPERATOR
    extension.decide(
        world.database, unit, item, grant=grant, reason="why", days=world.days, now=world.now, by=by
    )
    decisions.decide_extension(world.books, unit, item, world.today, grant=grant)


def set_aside(world: World, unit: str, item: str, state: str, *, asked_as: str = "operator") -> None:
    world.told(f"{asked_as} asks that {item} of {unit} be {state}")
    suspension.set_aside(world.database, unit, item, state, reason="why", now=world.now, by=OFFICES[asked_as])
    decisions.ask_aside(world.books, unit, item, state, world.today, asked_as=asked_as)


def confirm_aside(world: World, unit: str, item: str) -> None:
    asked = decisions.aside_asked(world.books, unit, item)
    assert asked is not None
    world.told(f"it is confirmed that {item} of {unit} be {asked.state}")
    other = "supervisor" if asked.asked_as == "operator" else "operator"
    suspension.confirm(world.database, unit, item, now=world.now, by=OFFICES[other])
    decisions.confirm_aside(world.books, unit, item, world.now)


def resume(world: World, unit: str, item: str) -> None:
    world.told(f"{item} of {unit} goes on")
    suspension.resume(world.database, unit, item, reason="why", days=world.days, now=world.now, by=OPERATOR)
    decisions.resume(world.books, unit, item, world.now)


def merge(world: World, old: str, new: str) -> None:
    world.told(f"{old} is merged into {new}")
    merge_units.merge(world.database, old, new, now=world.now, by=OPERATOR)
    decisions.merge(world.books, old, new, world.today)


def tell(world: World, case: Case) -> bool:
    """The principal recipient is told by telephone; False where there is nothing to tell."""
    whom = by_hand.whom_to_tell(world.books, case, world.now)
    if whom is None:
        return False
    world.told(f"{whom[0].address} is told of {case.unit} {case.item} by telephone")
    number = world.number(case)
    tell_by_hand.tell(
        world.database, number, world.days, means="telephone", said="why", now=world.now, by=OPERATOR
    )
    by_hand.tell(world.books, case, *whom, world.today)
    return True


def sign(world: World, case: Case) -> bool:
    """A supervisor signs the report to the leader above; False where none waits."""
    if not by_hand.may_sign(world.books, case, world.now):
        return False
    world.told(f"the report above on {case.unit} {case.item} is signed")
    papers.sign(world.database, world.number(case), rung=SUPERVISION, now=world.now, by=OFFICES["supervisor"])
    by_hand.sign(world.books, case, world.now)
    return True


def remind(world: World, case: Case) -> bool:
    """A reminder by hand; False where none may be sent."""
    whom = by_hand.whom_to_remind(world.books, case, world.now)
    if whom is None:
        return False
    world.told(f"{whom[0].address} is reminded of {case.unit} {case.item} by hand")
    reminders.remind(world.database, world.number(case), world.days, now=world.now, by=OPERATOR)
    to, kind, counts = whom
    by_hand.remind(world.books, case, to, kind, world.today, counts=counts)
    return True
