"""Who is told when, around holidays and weekends: printed as a table, to be looked at.

    make told ARGS=national-day        (without ARGS: all of them)

Nobody answers anything, and the office runs every morning at nine. The real plan itself lies over the weeks
of 2022; shifted by whole months it lies over Spring Festival and the turn of the year.
"""

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.domain.viewer import Viewer
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans.load import open_file
from eco_workflow.plans.shift import shift
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.look import told_by_day
from tests.office import DAXINGANLING
from tests.reliability.world import Small


@dataclass(frozen=True)
class Weeks:
    """Days to replay, and where the plan starts that lies over them; None: where it lies by itself."""

    title: str
    first: date
    last: date
    start: date | None = None


WEEKS = {
    "make-up": Weeks("a make-up Saturday and Qingming", date(2022, 3, 28), date(2022, 4, 11)),
    "weekend": Weeks("the 14th and the 28th on a Saturday", date(2022, 5, 12), date(2022, 6, 8)),
    "national-day": Weeks("National Day", date(2022, 9, 27), date(2022, 10, 18)),
    "spring-2023": Weeks(
        "Spring Festival, the 28th on a make-up Saturday",
        date(2023, 1, 12), date(2023, 2, 8), start=date(2022, 8, 1),
    ),
    "new-year": Weeks(
        "the turn of the year, the 14th on a Sunday",
        date(2023, 12, 27), date(2024, 1, 19), start=date(2023, 7, 1),
    ),
    "spring-2024": Weeks(
        "Spring Festival, the 14th on a public holiday",
        date(2024, 2, 7), date(2024, 2, 29), start=date(2023, 7, 1),
    ),
    "spring-2025": Weeks(
        "Spring Festival, the 28th on a public holiday",
        date(2025, 1, 26), date(2025, 2, 15), start=date(2024, 8, 1),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A day: what the calendar says, and to whom what was said; `about` counts the units concerned."""

    on: date
    calendar: str
    told: dict[tuple[str, str], int]
    """(what, to whom) → how many units it was about; `liaisons` and `leaders` are those of these units."""
    mails: int
    most: int
    """Mails to one person on that day."""


def replay(weeks: Weeks, home: Path, plan: str = DAXINGANLING) -> list[Row]:
    """Runs every day of these weeks in an empty database in `home`."""
    office = Small(f"sqlite:///{home / 'eco.db'}", home, plan=_lying_there(weeks, home, plan))
    office.open(str(weeks.first))
    sent: Counter[tuple[date, str]] = Counter()
    days = [weeks.first + timedelta(days=n) for n in range((weeks.last - weeks.first).days + 1)]
    for day in days:

        def send(address: str, _: bytes, day: date = day) -> Outcome:
            sent[day, address] += 1
            return Outcome(Result.ACCEPTED, "taken")

        office.decide(str(day))
        office.deliver(str(day), send)
    with office.database.read() as session:
        told = told_by_day(session, Viewer("told when"), plan=None)
    office.database.dispose()
    return [
        Row(
            on=day,
            calendar=calendar_says(day, published_calendar()),
            told=_told([row for row in told if row["on"] == day]),
            mails=sum(count for (on, _), count in sent.items() if on == day),
            most=max((count for (on, _), count in sent.items() if on == day), default=0),
        )
        for day in days
    ]


def _told(rows: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    about: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        of_oneself = row["what"] == "warning"
        about.setdefault((row["what"], "liaisons" if of_oneself else row["to"]), set()).update(row["units"])
    return {key: len(units) for key, units in sorted(about.items())}


def _lying_there(weeks: Weeks, home: Path, plan: str) -> str:
    if weeks.start is None:
        return plan
    file = home / "shifted.yaml"
    file.write_text(shift(*open_file(plan), weeks.start).text, "utf-8")
    return str(file)


def calendar_says(day: date, days: WorkingDays) -> str:
    """Whether offices work on that day, and why not."""
    if days.is_working(day):
        return "make-up day" if day.weekday() > 4 else ""
    return "holiday" if days.is_public_holiday(day) else "weekend"


def printed(row: Row) -> str:
    """A line of the table."""
    told = "; ".join(f"{what} → {to} ({about})" for (what, to), about in row.told.items())
    return f"{row.on:%Y-%m-%d %a}  {row.calendar:<11}  {row.mails:>3}  {told or '-'}".rstrip()


def main(names: list[str]) -> None:
    """Prints the weeks of these names, or all."""
    say = sys.stdout.write
    for name in names or WEEKS:
        weeks = WEEKS[name]
        say(f"\n{name}: {weeks.title}\nday             calendar   mails  what → to whom (units concerned)\n")
        with tempfile.TemporaryDirectory() as home:
            for row in replay(weeks, Path(home)):
                say(f"{printed(row)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
