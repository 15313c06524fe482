"""The engine's weekly report to the operators: what ran, what did not, what awaits them.

It is a notice to the office's liaison, so it rides in the first envelope of the week and is told once; what
it says is looked up when that envelope is made up.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from eco_workflow.domain import messages as says
from eco_workflow.domain.clock import instant, shanghai_date
from eco_workflow.domain.messages import Result
from eco_workflow.domain.rounds import RUN_AT
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.words import ROLE
from eco_workflow.domain.working_days import ONE_DAY
from eco_workflow.services import papers
from eco_workflow.services.calendar import held_days
from eco_workflow.services.doubt import to_confirm
from eco_workflow.services.health import LATE_AFTER, SOON, provisional_from
from eco_workflow.services.night import amiss
from eco_workflow.services.not_leaving import Untold, not_leaving
from eco_workflow.services.overview import round_rows
from eco_workflow.services.waiting import SUMMARY, waiting
from eco_workflow.services.writing import Writing
from eco_workflow.store.decide.notices import REPORT_WEEK
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    Attempt,
    Message,
    Notice,
    Obligation,
    Plan,
    PlanVersion,
    Round,
    RoundSummary,
    Run,
    Unit,
)

WEEKLY = "weekly"
"""The kind of its notice."""

FIRST_DAYS = timedelta(days=7)
"""The first report looks back so far, at most to the activation: the day it holds from, and the day on which
somebody did it. Every other looks back to the one before.
"""

SHOWN = ("sent", "failed", "unknown", "pending", "withdrawn")

COMMANDS = {
    "answer": "eco report list",
    "step": "eco step list",
    "extension": "eco item list",
    "proposal": "eco indicator list",
    "evidence": "eco evidence list --state pending",
    "summary": "eco round list",
    "paper": "eco case papers --drafts",
    "unsettled": "eco item list --unsettled",
    "unknown": "eco outbox list --state unknown",
    "failed": "eco outbox list --state failed",
    "untold": "eco status",
    "no_contact": "eco contact list",
    "night": "eco health",
    "calendar": "eco calendar import FILE",
}


def write_down(database: Database, now: datetime) -> int:
    """Writes this week's report down for every plan that runs; again changes nothing. How many were new.

    Not where a person has to confirm the date: of a week that is still to come none would be left for it.
    """
    today = shanghai_date(now)
    year, week, _ = today.isocalendar()
    with database.write() as session:
        held = held_days(session, today)
        plans = [plan.id for plan in session.exec(select(Plan)) if not to_confirm(plan, today, held)]
        if not plans:
            return 0
        which = {"today": today, "week": f"{year}-W{week:02}", "plans": plans}
        return session.connection().execute(REPORT_WEEK, which).rowcount


def is_report(session: Session, notice_id: int) -> bool:
    """Whether a notice is a weekly report, which has a section of its own."""
    return session.get_one(Notice, notice_id).kind == WEEKLY


def report(writing: Writing, notice_id: int) -> says.WeeklyReport | None:
    """What it says as of now; None where the next week's takes its place."""
    session, plan, today = writing.session, writing.plan, writing.today
    reports = select(Notice).where(Notice.plan_id == plan.id, Notice.kind == WEEKLY)
    if session.exec(reports.where(col(Notice.id) > notice_id)).first() is not None:
        return None
    told = [one.told_on for one in session.exec(reports) if one.told_on is not None and one.told_on < today]
    activation = select(col(PlanVersion.loaded_at)).where(
        PlanVersion.plan_id == plan.id, PlanVersion.version == 1
    )
    until, activated = today - ONE_DAY, session.exec(activation).one()
    first = [plan.active_from, shanghai_date(activated), today - FIRST_DAYS]
    since = min(max([*told, plan.active_from] if told else first), until)
    due = [day for day in _run_days(session, plan, since, until) if activated <= instant(day, RUN_AT)]
    runs = session.exec(
        select(col(Run.on_date), col(Run.started_at)).where(
            Run.plan_id == plan.id, Run.on_date >= since, Run.on_date <= until
        )
    ).all()
    ran = {on for on, _ in runs}
    rounds = [
        row
        for row in round_rows(session, plan, Viewer(writing.contact.name))
        if row.opened_on is not None and since <= row.opened_on <= until
    ]
    skipped = select(col(Round.on_date)).where(
        Round.plan_id == plan.id, Round.state == "skipped", Round.on_date >= since, Round.on_date <= until
    )
    states = (
        select(Message.state, func.count())
        .where(Message.plan_id == plan.id, Message.on_date >= since, Message.on_date <= until)
        .group_by(Message.state)
    )
    counts = dict(session.exec(states).all())
    return says.WeeklyReport(
        since=since,
        until=until,
        due=len(due),
        missed=tuple(day for day in due if day not in ran),
        late=tuple(sorted(at for on, at in runs if at > instant(on, RUN_AT) + LATE_AFTER)),
        rounds=tuple(
            says.RoundOfWeek(row.on_date, row.asked, row.answered, row.kind == "adhoc") for row in rounds
        ),
        skipped=tuple(sorted(session.exec(skipped))),
        messages=tuple(
            (state, counts.get(state, 0)) for state in SHOWN if state == "sent" or counts.get(state)
        ),
        tasks=tuple(_tasks(writing, since)),
        nothing_left=_nothing_left(session, plan, since, until),
    )


def _nothing_left(session: Session, plan: Plan, since: date, until: date) -> tuple[date, ...]:
    """The days on which messages were put off, and none was taken until the next morning gave them up."""
    taken, again = aliased(Message), aliased(Attempt)
    tried = (
        select(col(Message.on_date))
        .join(Attempt, col(Attempt.message_id) == Message.id)
        .where(Message.plan_id == plan.id, Message.on_date >= since, Message.on_date <= until)
        .where(Attempt.result == Result.LATER.value)
        .where(
            ~exists().where(
                col(taken.plan_id) == Message.plan_id,
                col(taken.on_date) == Message.on_date,
                col(taken.channel) == "mail",
                exists().where(col(again.message_id) == taken.id, col(again.result) == Result.ACCEPTED.value),
            )
        )
    )
    return tuple(sorted(session.exec(tried.distinct())))


def _run_days(session: Session, plan: Plan, since: date, until: date) -> list[date]:
    assert plan.id is not None
    held = held_days(session, until, plan.id).get(plan.id, frozenset())
    days = (since + timedelta(days=n) for n in range((until - since).days + 1))
    return [day for day in days if day <= plan.ends_on and day not in held]


def _tasks(writing: Writing, since: date) -> Iterable[says.Task]:
    session, plan = writing.session, writing.plan

    def task(kind: str, count: int, since: date | None = None, names: tuple[str, ...] = ()) -> says.Task:
        return says.Task(kind, count, COMMANDS[kind], since, names)

    for one in waiting(session, plan, writing.today, writing.days):
        if one.kind != SUMMARY:
            yield task(one.kind, one.count, one.since)
    drafts = select(col(RoundSummary.drafted_on)).where(
        RoundSummary.plan_id == plan.id, col(RoundSummary.released_on).is_(None)
    )
    if drafted := session.exec(drafts).all():
        yield task("summary", len(drafted), min(drafted))
    sheets = papers.listed(session, Viewer(writing.contact.name), plan=plan.code, drafts=True)
    if sheets:
        yield task("paper", len(sheets), min(sheet["drafted_on"] for sheet in sheets))
    listed = select(func.count(func.distinct(Obligation.item_id)))
    if unsettled := session.exec(
        listed.where(Obligation.plan_id == plan.id, Obligation.settle == "listed")
    ).one():
        yield task("unsettled", unsettled)
    lost = select(col(Message.on_date)).where(Message.plan_id == plan.id)
    if unknown := session.exec(lost.where(Message.state == "unknown")).all():
        yield task("unknown", len(unknown), min(unknown))
    if failed := session.exec(lost.where(Message.state == "failed", Message.on_date >= since)).all():
        yield task("failed", len(failed), min(failed))
    if untold := _untold(writing):
        names = tuple(f"{one.unit}{ROLE[one.role]}" for one in untold)
        yield task("untold", len(untold), shanghai_date(untold[0].since), names)
    if nights := amiss(session, since, instant(writing.today, RUN_AT)):
        yield task("night", len(nights), min(nights))
    units = (
        select(Unit)
        .where(Unit.plan_id == plan.id, col(Unit.unreached_on).is_not(None))
        .order_by(col(Unit.id))
    )
    if without := session.exec(units).all():
        first = min(unit.unreached_on for unit in without if unit.unreached_on)
        yield task("no_contact", len(without), first, tuple(unit.short for unit in without))
    unknown_from = provisional_from(plan, writing.today, writing.days)
    if unknown_from is not None and unknown_from <= writing.today + SOON:
        yield task("calendar", 1, unknown_from)


def _untold(writing: Writing) -> list[Untold]:
    """Whom nothing reaches, but for whoever reads this."""
    reader = (writing.contact.unit_id, writing.contact.role)
    found = not_leaving(writing.session, [writing.plan], writing.now, writing.days).untold
    return [one for one in found if (one.unit_id, one.role) != reader]
