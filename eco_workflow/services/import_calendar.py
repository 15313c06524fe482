"""A newly published year enters the calendar, and what was counted without it is counted again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from eco_workflow.domain.arrangement import EARLIEST, Arrangement, Day, wrong_with
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.services.calendar import published_in
from eco_workflow.services.project_again import Moved, project_again
from eco_workflow.store import audit
from eco_workflow.store.session import Database
from eco_workflow.store.tables import CalendarDay, CalendarYear, Plan


@dataclass(frozen=True)
class Imported:
    """A year that is known now. `fresh`: it was not known so before."""

    year: int
    source: str
    holidays: int
    makeup: int
    fresh: bool
    known_until: date | None
    moved: tuple[Moved, ...] = ()


def import_year(
    database: Database, arrangement: Arrangement, *, correct: bool, now: datetime, by: str
) -> Imported:
    """Takes a year's arrangement into the calendar of all plans. The same again changes nothing.

    Raises `WrongInput` with everything that is wrong with it; `Refused` where the year is known otherwise
    and `correct` was not said.
    """
    if wrong := wrong_with(arrangement):
        raise WrongInput(f"The calendar of {arrangement.year} cannot be taken: {'; '.join(wrong)}.")
    with database.write() as session:
        before = published_in(session)
        known = arrangement.year in before.known_years
        told = Imported(
            year=arrangement.year,
            source=arrangement.source,
            holidays=len(arrangement.of("holiday")),
            makeup=len(arrangement.of("makeup")),
            fresh=False,
            known_until=before.known_until(shanghai_date(now)),
        )
        if known and _is_known_so(session, arrangement, before):
            return told
        if known and not correct:
            raise Refused(
                f"{arrangement.year} is known already, otherwise: see eco calendar show "
                f"--year {arrangement.year}. Where the arrangement was changed, say --correct."
            )
        _write(session, arrangement, now, by)
        after = published_in(session)
        moved = _project_all(session, arrangement, before, after, now, by)
        return replace(
            told, fresh=True, moved=tuple(moved), known_until=after.known_until(shanghai_date(now))
        )


def _is_known_so(session: Session, arrangement: Arrangement, known: WorkingDays) -> bool:
    """Whether the year was imported with these days, or came with the program and says the same of every day
    of it and of those named before it.
    """
    if session.get(CalendarYear, arrangement.year) is not None:
        days = session.exec(select(CalendarDay).where(CalendarDay.year == arrangement.year))
        return {(row.day, row.kind) for row in days} == {(day.on, day.kind) for day in arrangement.days}
    named = WorkingDays(arrangement.of("holiday"), arrangement.of("makeup"), frozenset())

    def of_year(days: frozenset[date]) -> set[date]:
        return {day for day in days if day.year == arrangement.year and (day.month, day.day) < EARLIEST}

    same = of_year(named.holidays) == of_year(known.holidays) and of_year(named.makeup) == of_year(
        known.makeup
    )
    return same and named.holidays <= known.holidays and named.makeup <= known.makeup


def _write(session: Session, arrangement: Arrangement, now: datetime, by: str) -> None:
    year = arrangement.year
    for table in (CalendarDay, CalendarYear):
        for row in session.exec(select(table).where(col(table.year) == year)):
            session.delete(row)
    session.flush()
    session.add(CalendarYear(year=year, source=arrangement.source, imported_at=now, imported_by=by))
    days: Sequence[Day] = arrangement.days
    session.add_all(CalendarDay(year=year, day=day.on, kind=day.kind, name=day.name) for day in days)
    session.flush()


def _project_all(
    session: Session,
    arrangement: Arrangement,
    before: WorkingDays,
    after: WorkingDays,
    now: datetime,
    by: str,
) -> list[Moved]:
    """Every plan that has not ended, each with an audit row that says what moved."""
    first = date(arrangement.year - 1, *EARLIEST)
    moved: list[Moved] = []
    details = {}
    running = select(Plan).where(Plan.ends_on >= shanghai_date(now)).order_by(col(Plan.id))
    for plan in session.exec(running).all():
        assert plan.id is not None
        of_plan = project_again(session, plan, before, after, first=first, source=arrangement.source, now=now)
        moved += of_plan
        details[plan.id] = {
            "year": arrangement.year,
            "source": arrangement.source,
            "moved": [{name: value for name, value in asdict(one).items() if value} for one in of_plan],
        }
    if details:
        audit.record(session, details, at=now, actor=by, action="import_calendar")
    return moved
