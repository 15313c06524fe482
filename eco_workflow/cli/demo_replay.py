"""The demo's days, one after another: what the story has happen, the run, the answers, the office."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from eco_workflow.cli.common import err, progress
from eco_workflow.domain.clock import instant
from eco_workflow.domain.rounds import RUN_AT
from eco_workflow.plans.load import read
from eco_workflow.services.calendar import published_for
from eco_workflow.services.cast import Cast, said_in
from eco_workflow.services.demo_desk import closes, gives_receipts, keeps_rhythm
from eco_workflow.services.demo_office import MARKING, DemoOffice
from eco_workflow.services.demo_story import STORY
from eco_workflow.services.load_plan import activate
from eco_workflow.services.run_result import RunResult
from eco_workflow.settings import Settings
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.session import Database
from flows.wiring import (
    Order,
    deliver_batch,
    keys_in_force,
    open_rhythms,
    run_directly,
    work_phase,
)
from schedules.server import starting_server

Server = Callable[[], AbstractContextManager[str]]
"""A Prefect server that is starting; called, it is waited for."""

PLAN = "daxinganling-2022"
ACTIVATED_AT = time(8)
IN_THE_MORNING = time(8, 40)
"""When phases and rhythms are looked after, as in the timetable."""
IN_THE_EVENING = time(17, 45)
"""When what leaves at once is delivered, at the latest."""

DIRECT, UNDER_PREFECT, STOPPED, OFF = "direct", "Prefect flow", "stopped", "off"


@dataclass(frozen=True)
class Span:
    """The days replayed; on the first the plan is activated, one has its run on a real Prefect server."""

    first: date
    last: date
    under_prefect: date

    def days(self) -> Iterator[date]:
        """All of them."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


@dataclass(frozen=True)
class Day:
    """One replayed day. `how` its run was: `direct`, `Prefect flow`, `stopped` (the plan is held), `off`."""

    on: date
    how: str
    opened: int
    round: date | None
    """The printed date of the round that the run opened."""
    rungs: int
    sent: int
    closed: int
    answers: int
    did: tuple[str, ...]
    """What people did, and why the run was none, in words."""

    @property
    def is_eventful(self) -> bool:
        """Whether anything happened that a reader looks for."""
        return bool(self.opened or self.rungs or self.sent or self.answers or self.did)


def replay(settings: Settings, outer: Path, span: Span) -> list[Day]:
    """Activates the plan and replays the span: working days, days on which a round is printed, and those
    on which something happens.

    `outer` is the folder in which a Prefect server keeps its own.
    """
    database = Database(settings.database)
    upgrade(database)
    loaded = read(PLAN)
    activated = instant(span.first, ACTIVATED_AT)
    activate(database, loaded, active_from=span.first, now=activated, actor=MARKING, marking=MARKING)
    office = DemoOffice(
        settings=settings,
        database=database,
        plan=PLAN,
        days=published_for(database),
        question=loaded.plan.question,
        cast=Cast([unit.id for unit in loaded.plan.working_units], said_in(loaded.plan)),
    )
    rounds_from, round_days = loaded.plan.rounds_from, loaded.plan.round_days
    eventful = {event.on for event in STORY}
    days = [
        day
        for day in span.days()
        if office.days.is_working(day) or day in eventful or (day >= rounds_from and day.day in round_days)
    ]
    replayed: list[Day] = []
    with ExitStack() as starting, progress(quiet=False) as bar:
        server = None
        if span.under_prefect in days:  # it starts while the days before it are replayed
            server = starting.enter_context(starting_server(outer.absolute(), say=err.print))
        task = bar.add_task("replay (days)", total=len(days))
        for day in days:
            asked_on = next((past.on for past in reversed(replayed) if past.opened), span.first)
            is_flow = day == span.under_prefect
            replayed.append(_replay(settings, office, day, asked_on, server if is_flow else None))
            if is_flow:
                starting.close()
            bar.advance(task)
    database.dispose()
    return replayed


def _replay(settings: Settings, office: DemoOffice, day: date, asked_on: date, server: Server | None) -> Day:
    """One day; its run is a flow where there is a server."""
    today = [event for event in STORY if event.on == day and event.act]
    did: list[str] = []
    for event in today:
        if event.at < RUN_AT:
            did += event.happen(office)
    result, how = None, OFF
    if outage := next((event for event in STORY if event.is_outage(day)), None):
        did.append(outage.what)
    else:
        _morning(settings, day)
        result, how = _run(settings, day, server)
        if server:
            did.append("run as a Prefect flow")
        if result.decision.stopped:
            how = STOPPED
            did = did or [why.partition(":")[0] for why in result.decision.stopped.values()]
    opened = result.decision.opened if result else 0
    round_on = result.decision.round if result and opened else None
    if round_on and round_on != day:
        did.append(f"round of {round_on:%m-%d} made good")
    answers, sent = 0, result.delivered.sent if result else 0
    works = office.days.is_working(day)
    if works:
        answers = office.answers(day if opened else asked_on, day)
    for event in today:
        if event.at > RUN_AT:
            did += event.happen(office)
    if works:
        gives_receipts(office, day)
        did += keeps_rhythm(office, day)
        did += office.releases(day) + office.reviews(day) + closes(office, day)
    if today and how in (DIRECT, UNDER_PREFECT):
        sent += _evening(settings, day)
    return Day(
        on=day,
        how=how,
        opened=opened,
        round=round_on,
        rungs=result.decision.rungs if result else 0,
        sent=sent,
        closed=result.decision.closed if result else 0,
        answers=answers,
        did=tuple(did),
    )


def _morning(settings: Settings, day: date) -> None:
    """What the timetable does before the run: the office's rhythm, and the work of the phase in force."""
    now = instant(day, IN_THE_MORNING)
    open_rhythms(settings, now, MARKING)
    for key in keys_in_force(settings, now):
        work_phase(settings, now, key, PLAN)


def _evening(settings: Settings, day: date) -> int:
    """Delivers what leaves at once; how many were sent."""
    return deliver_batch(settings, instant(day, IN_THE_EVENING)).sent


def _run(settings: Settings, day: date, server: Server | None) -> tuple[RunResult, str]:
    order = Order(now=instant(day, RUN_AT), actor=MARKING)
    if server is None:
        return run_directly(settings, order), DIRECT
    with server():
        from flows.dispatch import run_under_prefect

        return run_under_prefect(settings, order), UNDER_PREFECT
