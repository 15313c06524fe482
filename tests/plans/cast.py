"""Who plays in the stories that hold for every plan, and on which days: by the plan's own rules."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path

from eco_workflow.domain.rounds import due_at, may_leave, printed_dates
from eco_workflow.domain.working_days import WorkingDays
from eco_workflow.plans.schema import Plan
from eco_workflow.services.calendar import published_calendar
from tests.office import DAXINGANLING, plan_read

COUNTY = str(Path(__file__).with_name("county.yaml"))


@dataclass(frozen=True)
class Cast:
    """The parts in the stories, as one plan fills them."""

    plan: str
    silent: str
    """A subordinate unit that is asked in the first round and does not answer."""
    prompt: str
    """One that is asked too, and answers."""
    stated: str
    """An indicator that the silent unit leads alone and answers with a word, due on a day of the plan."""
    assigned: str
    """An indicator of the silent unit that is judged by a figure from above."""
    kept: tuple[str, ...] = ()
    """The items that are still open, where the plan is too large for a short story; none: all."""


CASTS = {
    "daxinganling": Cast(
        plan=DAXINGANLING,
        silent="shuiwuju",
        prompt="caizhengju",
        stated="I04",
        assigned="I16",
        kept=("I04", "I16", "I33"),
    ),
    "county": Cast(plan=COUNTY, silent="shuili", prompt="huanbao", stated="I03", assigned="I01"),
}


@dataclass(frozen=True)
class Almanac:
    """The days of a plan's rounds when everybody runs the office every day from a day on."""

    plan: Plan
    since: date
    days: WorkingDays = field(default_factory=published_calendar)

    def printed(self, n: int) -> date:
        """The n-th round of the plan, counted from 0."""
        dates = printed_dates(self.plan.rounds_from, self.plan.ends_on, self.plan.round_days)
        return [day for day in dates if day >= self.since][n]

    def asked(self, n: int = 0) -> date:
        """The day on which its requests leave."""
        printed = self.printed(n)
        return next(
            day
            for day in (printed + timedelta(days=more) for more in range(30))
            if may_leave(printed, day, self.days, wait_for_working_day=self.plan.wait_for_working_day)
        )

    def due(self, since: date) -> datetime:
        """When the answer to a question of that day is due."""
        clock = time.fromisoformat(str(self.plan.answer_time))
        return due_at(since, self.days, answer_days=self.plan.answer_days, answer_time=clock)

    def rung(self, rung: int, since: date) -> date:
        """The day on which silence about a question of that day is told on a rung."""
        graces = self.plan.ladder.graces("report")
        day = self.days.after(self.due(since).date(), 1)  # the first morning after the due time
        for above in range(2, rung + 1):
            day = self.days.after(day, graces[above])
        return day

    def working(self, first: date, last: date) -> list[date]:
        """The working days from one to the other, both included."""
        span = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in span if self.days.is_working(day)]


def hearers(plan: Plan, rung: int) -> set[tuple[str, str]]:
    """(unit or `debtor`, role) of whoever hears of a rung by mail."""
    return {
        (who.unit, who.role)
        for who in plan.who_hears
        if who.rung == rung and who.kind in ("reminder", "alert", "copy")
    }


def address(plan: Plan, unit: str, role: str) -> str:
    """Where a unit's mail goes."""
    return next(str(person.address) for person in plan.unit(unit).contacts if person.role == role)


def document_of(cast: Cast) -> Plan:
    """The plan that a cast plays in."""
    return plan_read(cast.plan).plan


def changed(cast: Cast, folder: Path, old: str, new: str) -> Path:
    """A file with the plan's text, one piece of it replaced."""
    packaged = resources.files("eco_workflow.plans").joinpath(f"{cast.plan}.yaml")
    text = (Path(cast.plan) if Path(cast.plan).exists() else packaged).read_text("utf-8")
    assert old in text
    file = folder / "changed.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    return file
