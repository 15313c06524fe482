"""A deed is done if it is possible now, by the model; the product must then find it possible too."""

from collections.abc import Callable
from datetime import timedelta

from tests.properties import offices
from tests.properties.history import Deed
from tests.properties.model.decisions import aside_asked
from tests.properties.model.rows import Case
from tests.properties.plan import UNITS
from tests.properties.world import World


def do(world: World, deed: Deed) -> None:
    """Does a deed if it is possible now."""
    DEEDS[deed.what](world, deed.unit, deed.n)


def _answer(world: World, unit: str, _n: int) -> None:
    world.answer(unit)


def _part(world: World, unit: str, _n: int) -> None:
    world.answer(unit, keep=1)


def _claim(world: World, unit: str, n: int) -> None:
    world.answer(unit, keep=n % 2, status="completed")


def _recall(world: World, unit: str, n: int) -> None:
    if found := world.reviewable(unit):
        request, item = found[n % len(found)]
        world.recall(unit, item, request)


def _return(world: World, unit: str, n: int) -> None:
    if found := world.reviewable(unit):
        request, item = found[n % len(found)]
        world.give_back(unit, item, request)


def _accept(world: World, unit: str, n: int) -> None:
    if found := world.asked(unit, ("submitted",)):
        request, item = found[n % len(found)]
        world.accept(unit, item, request)


def _review(world: World, unit: str, _n: int) -> None:
    for request, item in world.asked(unit, ("submitted",)):
        world.accept(unit, item, request)


def _publish(world: World, _unit: str, _n: int) -> None:
    for round_ in world.books.rounds:
        if round_.drafted_on is not None and not round_.released:
            offices.release_summary(world, round_)


def _end(world: World, unit: str, n: int) -> None:
    world.end(unit, ("liaison", "leader")[n % 2])


def _add(world: World, unit: str, n: int) -> None:
    world.add(unit, ("liaison", "leader")[n % 2])


def _replace(world: World, unit: str, n: int) -> None:
    _end(world, unit, n)
    _add(world, unit, n)


def _retry(world: World, _unit: str, n: int) -> None:
    if failed := world.letters("failed"):
        world.retry(failed[-1 - n % len(failed)])


def _settle(world: World, _unit: str, n: int) -> None:
    if unknown := world.letters("unknown"):
        world.settle(unknown[-1 - n % len(unknown)], sent=n % 2 == 0)


def _adhoc(world: World, unit: str, n: int) -> None:
    other = UNITS[n % len(UNITS)]
    offices.plan_adhoc(world, world.today + timedelta(days=n % 4), [unit, other])


def _hold(world: World, _unit: str, _n: int) -> None:
    if world.books.held is None:
        offices.hold(world)


def _release(world: World, _unit: str, _n: int) -> None:
    if world.books.held is not None:
        offices.release(world)


def _extend(world: World, unit: str, n: int) -> None:
    for (owner, item), owes in list(world.books.owes.items()):
        if owner != unit or owes.due_on is None or owes.role == "data_provider" or not owes.is_open:
            continue
        until = owes.due_on + timedelta(days=1 + n % 12)
        in_time = world.today <= owes.due_on and until <= world.loaded.plan.ends_on
        if in_time and world.books.pending(owner, item) is None:
            offices.ask_extension(world, unit, item, until)


def _decide(world: World, _unit: str, n: int) -> None:
    for (owner, item), owes in list(world.books.owes.items()):
        pending = world.books.pending(owner, item)
        if pending is not None and owes.state != "suspended" and owes.due_on is not None:
            offices.decide_extension(world, owner, item, grant=n % 3 > 0 and pending.until > owes.due_on)


def _suspend(world: World, unit: str, n: int) -> None:
    _ask_aside(world, unit, n, "suspended")


def _drop(world: World, unit: str, n: int) -> None:
    _ask_aside(world, unit, n, "not_applicable")


def _ask_aside(world: World, unit: str, n: int, state: str) -> None:
    free = [
        item
        for (owner, item), owes in world.books.owes.items()
        if owner == unit and owes.state not in (state, "not_applicable")
        if aside_asked(world.books, unit, item) is None
    ]
    if free:
        item = free[n % len(free)]
        offices.set_aside(world, unit, item, state, asked_as=("operator", "supervisor")[n % 2])
        if n % 3:
            offices.confirm_aside(world, unit, item)


def _confirm(world: World, _unit: str, _n: int) -> None:
    for (owner, item), owes in list(world.books.owes.items()):
        asked = aside_asked(world.books, owner, item)
        if asked is not None and owes.state != asked.state:
            offices.confirm_aside(world, owner, item)


def _resume(world: World, _unit: str, n: int) -> None:
    resting = [
        key
        for key, owes in world.books.owes.items()
        if owes.state == "suspended" or aside_asked(world.books, *key) is not None
    ]
    if resting:
        offices.resume(world, *resting[n % len(resting)])


def _merge(world: World, unit: str, n: int) -> None:
    """Rarely: a unit that hears nothing of others goes into another."""
    books = world.books
    other = UNITS[n % len(UNITS)]
    gone = books.successors.keys() & {unit, other}
    if unit != other and not gone and unit not in books.hearing:
        offices.merge(world, unit, other)


def _tell(world: World, unit: str, n: int) -> None:
    for case in _cases(world, unit, n):
        if offices.tell(world, case):
            break


def _remind(world: World, unit: str, n: int) -> None:
    for case in _cases(world, unit, n):
        if offices.remind(world, case):
            break


def _sign(world: World, unit: str, n: int) -> None:
    for case in _cases(world, unit, n):
        if offices.sign(world, case):
            break


def _cases(world: World, unit: str, n: int) -> list[Case]:
    found = [case for case in world.books.open_cases if case.unit == unit]
    return found[n % len(found) :] if found else []


DEEDS: dict[str, Callable[[World, str, int], None]] = {
    "answer": _answer,
    "part": _part,
    "claim": _claim,
    "recall": _recall,
    "return": _return,
    "accept": _accept,
    "review": _review,
    "publish": _publish,
    "end": _end,
    "add": _add,
    "replace": _replace,
    "retry": _retry,
    "settle": _settle,
    "adhoc": _adhoc,
    "hold": _hold,
    "release": _release,
    "extend": _extend,
    "decide": _decide,
    "suspend": _suspend,
    "drop": _drop,
    "confirm": _confirm,
    "resume": _resume,
    "merge": _merge,
    "tell": _tell,
    "remind": _remind,
    "sign": _sign,
}
