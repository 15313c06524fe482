"""One run: decide everything that is due at `now`, for all plans (DESIGN, "One dispatch run")."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Unavailable, WrongInput, in_a_line
from eco_workflow.domain.rounds import Span, outside, reason_not_to_run
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services import standing
from eco_workflow.services.calendar import held_days
from eco_workflow.store import audit
from eco_workflow.store.decide import cases, envelopes, items, notices, reviews, rounds, silence, unclaimed
from eco_workflow.store.decide.batch import Batch
from eco_workflow.store.session import Database
from eco_workflow.store.tables import Case, Message, Request

PLANS_PER_TRANSACTION = 100

Progress = Callable[[int, int], None]
"""Called with (done, of)."""


@dataclass(frozen=True)
class Moment:
    """The run's instant and date, the calendar of its plans, and who answers for it."""

    now: datetime
    today: date
    days: WorkingDays
    actor: str
    confirmed: date | None


@dataclass
class Decision:
    """What a run wrote, counted; `seconds` per step."""

    now: datetime
    round: date | None = None
    """The printed date of the newest round that is open."""
    plans: int = 0
    opened: int = 0
    requests: int = 0
    entries: int = 0
    cases: int = 0
    closed: int = 0
    rungs: int = 0
    summaries: int = 0
    messages: int = 0
    withdrawn: int = 0
    """Messages of earlier days that never left; what they carried rides in today's."""
    provisional: bool = False
    """Whether today, or when today's requests are due, lies in a year whose calendar is not known."""
    stopped: dict[str, str] = field(default_factory=dict)
    """Plan code → why nothing was done for it."""
    outside: dict[str, str] = field(default_factory=dict)
    """Plan code → that it ended or has not begun: nothing is due there, which stops none of the others."""
    broken: dict[str, str] = field(default_factory=dict)
    """Plan code → the error that kept it from being decided; the other plans went on."""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the time spent inside to the step."""
        start = time.perf_counter()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - start


def decide(
    database: Database,
    now: datetime,
    days: WorkingDays,
    *,
    actor: str,
    only: tuple[str, ...] | None = None,
    confirmed: date | None = None,
    progress: Progress | None = None,
) -> Decision:
    """Claims the day's run of every active plan and writes what is due at `now`; again changes nothing.

    `only`: the codes of the plans to stay with, where not all are meant.
    `confirmed` is the date an operator vouches for after a long silence or a clock that went back.
    Raises `WrongInput` when it is another date than today's in Shanghai.
    """
    today = shanghai_date(now)
    if confirmed is not None and confirmed != today:
        raise WrongInput(f"--confirm-date {confirmed} is not the run's own date, {today} in Shanghai.")
    decision = Decision(now=now)
    moment = Moment(now, today, days, actor, confirmed)
    with database.read() as session:
        held = held_days(session, today)
        due = _due(session, today, held, decision, only=only, confirmed=confirmed is not None)
        farthest = session.connection().execute(unclaimed.FARTHEST_ANSWER).scalar_one() or 1
    decision.provisional = any(map(days.is_provisional, (today, days.after(today, farthest))))
    done = 0
    if progress and not due:
        progress(0, 0)
    for own, plans in _by_calendar(due, held, moment):
        for start in range(0, len(plans), PLANS_PER_TRANSACTION):
            batch = plans[start : start + PLANS_PER_TRANSACTION]
            _decide_or_split(database, batch, own, decision)
            done += len(batch)
            if progress:
                progress(done, len(due))
    with database.read() as session:
        newest = session.connection().execute(unclaimed.NEWEST_OPEN_ROUNDS, {"today": today})
        decision.round = max((on for code, on in newest if only is None or code in only), default=None)
    return decision


def _by_calendar(
    due: list[tuple[int, str]], held: dict[int, frozenset[date]], moment: Moment
) -> Iterator[tuple[Moment, list[tuple[int, str]]]]:
    """The plans in groups that share a calendar, since one batch has one: those never held come first."""
    groups: dict[frozenset[date], list[tuple[int, str]]] = {frozenset(): []}
    for plan in due:
        groups.setdefault(held.get(plan[0], frozenset()), []).append(plan)
    for days, plans in groups.items():
        yield replace(moment, days=moment.days.less(days)), plans


def _due(
    session: Session,
    today: date,
    held: dict[int, frozenset[date]],
    decision: Decision,
    *,
    only: tuple[str, ...] | None,
    confirmed: bool,
) -> list[tuple[int, str]]:
    """(id, code) of the plans that may run today and have not; what stops the others is noted.

    That today is no day of a plan stops only a run that was meant for it, or has no other.
    """
    due = []
    idle: dict[str, tuple[str, str]] = {}
    others = False
    plans = session.connection().execute(unclaimed.PLANS)
    for plan_id, code, active_from, ends_on, last_run_on, held_since in plans:
        if only is not None and code not in only:
            continue
        span = Span(active_from, ends_on, last_run_on, held_since, held.get(plan_id, frozenset()))
        reason = reason_not_to_run(span, today, confirmed=confirmed)
        if reason and (how := outside(span, today)):
            idle[code] = (how, reason)
            continue
        others = True
        if reason:
            decision.stopped[code] = reason
        # The claim remembers its day on the plan: what has run today needs no transaction to say so.
        elif last_run_on != today or confirmed:
            due.append((plan_id, code))
    if others:
        decision.outside = {code: how for code, (how, _) in idle.items()}
    else:
        decision.stopped = {code: reason for code, (_, reason) in idle.items()}
    return due


def _decide_or_split(
    database: Database,
    plans: Sequence[tuple[int, str]],
    moment: Moment,
    decision: Decision,
) -> None:
    """One transaction; when it fails, halves of it, until the broken plan is alone and named."""
    try:
        counted = Decision(now=moment.now)
        with database.write() as session:
            _decide_batch(session, plans, moment, counted)
    except Unavailable:
        raise
    except Exception as error:  # whatever a plan's rows provoke must not hold up the others
        if len(plans) == 1:
            decision.broken[plans[0][1]] = in_a_line(error)
            return
        half = len(plans) // 2
        for part in (plans[:half], plans[half:]):
            _decide_or_split(database, part, moment, decision)
    else:
        _add(decision, counted)


CLOCKS = (silence, items, reviews)
"""What opens and closes cases, clock by clock."""

COUNTED = (
    "plans", "opened", "requests", "entries", "cases", "closed", "rungs", "summaries", "messages",
    "withdrawn",
)  # fmt: skip


def _add(total: Decision, part: Decision) -> None:
    for name in COUNTED:
        setattr(total, name, getattr(total, name) + getattr(part, name))
    for step, seconds in part.seconds.items():
        total.seconds[step] = total.seconds.get(step, 0.0) + seconds


def _decide_batch(
    session: Session,
    plans: Sequence[tuple[int, str]],
    moment: Moment,
    counted: Decision,
) -> None:
    connection = session.connection()
    with counted.timed("claim"):
        claimed = rounds.claim(
            connection,
            [plan for plan, _ in plans],
            moment.today,
            moment.now,
            moment.actor,
            confirmed=moment.confirmed is not None,
        )
    if moment.confirmed and (ran := [plan for plan, _ in plans if plan not in claimed]):
        detail = {"on": moment.today, "date_confirmed": moment.confirmed}
        audit.record(
            session, dict.fromkeys(ran, detail), at=moment.now, actor=moment.actor, action="confirm_date"
        )
    if not claimed:
        return
    counted.plans = len(claimed)
    batch = Batch(plans=claimed, today=moment.today, now=moment.now, days=moment.days)
    with counted.timed("release"):
        counted.withdrawn = cases.release(connection, batch)
    with counted.timed("ask"):
        opened = rounds.open_rounds(connection, batch)
        counted.opened = len(opened.all)
        counted.requests, counted.entries = rounds.ask(connection, batch, opened)
    with counted.timed("judge"):
        standing.refresh_ripe(session, claimed, moment.now, moment.actor)
    with counted.timed("close"):
        counted.closed = sum(clock.close(connection, batch) for clock in CLOCKS)
        if counted.closed:
            cases.void_papers(connection, batch)
    warned = 0
    if batch.is_working_day:
        with counted.timed("climb"):
            silence.count_further_rounds(connection, batch)
            cases.climb(connection, batch)
        with counted.timed("open"):
            counted.cases = sum(clock.open_cases(connection, batch) for clock in CLOCKS)
        with counted.timed("tell"):
            counted.rungs = cases.tell(connection, batch)
            counted.summaries = envelopes.summarise(connection, batch)
        with counted.timed("notices"):
            warned = items.warn(connection, batch)
            notices.announce(connection, batch)
            notices.ask_for_signatures(connection, batch)
            notices.look_for_contacts(connection, batch)
            notices.escalate_vetoes(connection, batch)
            notices.choose(connection, batch)
    with counted.timed("envelopes"):
        counted.messages = envelopes.fill(connection, batch, warned=warned > 0)
    with counted.timed("audit"):
        _audit(session, batch, moment)


def _audit(session: Session, batch: Batch, moment: Moment) -> None:
    def per_plan(plan: object, *conditions: object) -> dict[int, int]:
        query = select(plan, func.count()).where(*conditions).group_by(plan)  # type: ignore[call-overload]
        return dict(session.exec(query).all())

    requests = per_plan(
        Request.plan_id, col(Request.plan_id).in_(batch.plans), Request.state == "awaiting",
        Request.asked_on == batch.today,
    )  # fmt: skip
    told = per_plan(
        Case.plan_id, col(Case.plan_id).in_(batch.plans), col(Case.closed_on).is_(None),
        Case.told_on == batch.today,
    )  # fmt: skip
    messages = per_plan(
        Message.plan_id, col(Message.plan_id).in_(batch.plans), Message.on_date == batch.today
    )
    details = {
        plan: {
            "on": batch.today,
            "asked": requests.get(plan, 0),
            "told": told.get(plan, 0),
            "messages": messages.get(plan, 0),
            **({"date_confirmed": moment.confirmed} if moment.confirmed else {}),
        }
        for plan in batch.plans
    }
    audit.record(session, details, at=moment.now, actor=moment.actor, action=audit.RUN)
