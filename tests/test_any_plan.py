"""The product's stories on two plans: nothing of Daxing'anling is built into the product.

The same tests run on the real plan and on a fictitious county's: other phases, three units, rounds on the
5th and 20th that wait for a working day, one day to answer, a shorter ladder. Which unit plays which part
is the cast's; on which day what must happen follows from the plan's own rules (`tests/plans/cast`).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.answers import Answer
from eco_workflow.plans.load import read
from eco_workflow.plans.schema import Plan
from eco_workflow.services import extension, hold, indicator_facts, progress
from eco_workflow.services.adhoc_round import plan_adhoc_round
from eco_workflow.services.indicator_facts import Task
from eco_workflow.services.merge_units import merge
from eco_workflow.services.revise_plan import revise
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Case, Item, Request, Round, Standing, Unit
from tests.office import OPERATOR, Mail, at, liaison
from tests.plans.cast import CASTS, Almanac, Cast, address, changed, document_of, hearers
from tests.reliability.picture import differences, picture
from tests.reliability.world import Small, mail_server
from tests.services.desk import cases, keep_open, owed

ACTIVE_FROM = date(2022, 3, 1)
STAGES = [("sqlite", "daxinganling"), ("sqlite", "county"), ("postgres", "county")]
"""The real plan runs on PostgreSQL in its own stories."""

pytestmark = pytest.mark.parametrize(
    ("database", "cast"),
    [pytest.param(kind, CASTS[plan], id=f"{kind}-{plan}") for kind, plan in STAGES],
    indirect=["database"],
)


@dataclass
class Stage:
    """An office that runs one of the plans, with its cast and its days."""

    office: Small
    cast: Cast
    plan: Plan
    days: Almanac

    def run(self, *days: date) -> int:
        """The mornings of these days; returns how many rungs were told on the last."""
        return [self.office.result(str(day)).decision.rungs for day in days][-1]

    def daily(self, first: date, last: date) -> None:
        """Every working morning from one day to the other, both included."""
        self.run(*self.days.working(first, last))

    def until(self, first: date, last: date) -> None:
        """The last two of them: the one on which nothing may happen yet, and the last."""
        self.run(*self.days.working(first, last)[-2:])

    def open_round(self, n: int = 0) -> date:
        """The morning of a round: everybody but the silent unit answers at once. Returns the day."""
        day = self.days.asked(n)
        self.run(day)
        for unit in self.asked():
            if unit != self.cast.silent:
                self.office.answer(unit, str(day))
        return day

    def asked(self) -> list[str]:
        with self.office.database.read() as session:
            rows = session.exec(
                select(Unit.code)
                .join(Request, col(Request.unit_id) == Unit.id)
                .where(Request.state == "awaiting")
                .distinct()
            )
            return list(rows)

    def rung(self) -> int | None:
        """Where the silent unit's case stands."""
        return self.office.rungs().get(self.cast.silent)

    def heard(self, unit: str, after: date, until: date) -> list[tuple[str, date]]:
        """(role, day) of every mail to a unit in between."""
        roles = {str(person.address): person.role for person in self.plan.unit(unit).contacts}
        mails = [mail for mail in self.office.mails() if after < mail.on <= until and mail.to in roles]
        return sorted((roles[mail.to], mail.on) for mail in mails)

    def mail(self, day: date, unit: str, role: str = "liaison") -> Mail:
        [mail] = self.office.mails(str(day), address(self.plan, unit, role))
        return mail


@pytest.fixture
def stage(database: str, tmp_path: Path, cast: Cast) -> Iterator[Stage]:
    """The plan is active from 1 March 2022; whatever happens, its log is whole in the end."""
    office = Small(database, tmp_path, plan=cast.plan)  # an Office whose templates are compiled already
    office.open(str(ACTIVE_FROM))
    if cast.kept:
        keep_open(office, *cast.kept)
    plan = document_of(cast)
    yield Stage(office, cast, plan, Almanac(plan, ACTIVE_FROM))
    with office.database.read() as session:
        assert broken_at(session, 1) is None
    office.database.dispose()


def test_a_silent_unit_is_asked_reminded_and_reported_once(stage: Stage) -> None:
    """Asked, rung 1, 2, 3 on the days of the plan's ladder, one alert; the next round supersedes."""
    cast, asked = stage.cast, stage.open_round()
    rungs = [stage.days.rung(n, asked) for n in (1, 2, 3)]
    stage.daily(asked + timedelta(days=1), rungs[2])
    wanted = {("liaison", rungs[0])}
    wanted |= {(role, rungs[1]) for unit, role in hearers(stage.plan, 2) if unit == "debtor"}
    assert stage.heard(cast.silent, asked, rungs[2]) == sorted(wanted)
    assert stage.heard(cast.prompt, asked, rungs[2]) == []
    [(principal, role)] = [
        (who.unit, who.role) for who in stage.plan.who_hears if who.rung == 3 and who.principal
    ]
    said = stage.mail(rungs[1], cast.silent, "leader").text
    assert f"提请{stage.plan.unit(principal).short}督办" in said
    told = {(unit, role) for unit, role in hearers(stage.plan, 3) if unit != "debtor"}
    for unit, who in told:
        assert stage.plan.unit(cast.silent).short in stage.mail(rungs[2], unit, who).text
    assert stage.rung() == 3

    again = stage.open_round(1)
    late = stage.days.rung(1, again)
    stage.daily(rungs[2] + timedelta(days=1), late - timedelta(days=1))
    assert stage.heard(cast.silent, rungs[2], late - timedelta(days=1)) == [("liaison", again)]
    stage.run(late)
    with stage.office.database.read() as session:
        states = session.exec(
            select(Request.state)
            .join(Unit, col(Unit.id) == Request.unit_id)
            .join(Round, col(Round.id) == Request.round_id)
            .where(Unit.code == cast.silent)
            .order_by(col(Round.id))
        ).all()
    assert states == ["superseded", "awaiting"]
    assert stage.rung() == 3  # the report clock ends there: the case stays, the rounds are counted
    assert "累计2轮" in stage.mail(late, principal, role).text
    sent = Counter((mail.on, mail.to) for mail in stage.office.mails())
    assert set(sent.values()) == {1}  # one envelope a day and person


def test_a_unit_that_answers_in_between_hears_nothing_more(stage: Stage) -> None:
    """Reminded once; its answer closes the case, and nobody above hears of it."""
    asked = stage.open_round()
    first, last = stage.days.rung(1, asked), stage.days.rung(3, asked)
    stage.until(asked + timedelta(days=1), first)
    assert stage.rung() == 1
    stage.office.answer(stage.cast.silent, str(first))
    assert stage.rung() is None
    stage.until(first + timedelta(days=1), last)
    assert stage.heard(stage.cast.silent, first, last) == []
    short = stage.plan.unit(stage.cast.silent).short
    assert not any(f"{short}（" in mail.text for mail in stage.office.mails() if mail.on > first)


def test_a_refused_reminder_does_not_climb(stage: Stage) -> None:
    """Nobody is reported who was never told: the new liaison hears rung 1, and the grace counts from then."""
    asked = stage.open_round()
    first, silent = stage.days.rung(1, asked), stage.cast.silent
    with mail_server() as server:
        office = stage.office
        office.through(server)
        server.says[address(stage.plan, silent, "liaison")] = "550 5.1.1 no such user"
        stage.run(first)
        told = stage.days.days.after(first, 1)
        office.replace(silent, "liaison", "new@x.example", str(told))
        climbs = stage.days.days.after(told, stage.plan.ladder.graces("report")[2])
        stage.run(told, stage.days.days.cut_off(climbs, 1))
        assert len(server.to("new@x.example")) == 1
        assert stage.rung() == 1
        assert not server.to(address(stage.plan, silent, "leader"))
        stage.run(climbs)
        assert stage.rung() == 2


def test_a_returned_answer_is_owed_anew_with_a_due_time_of_its_own(stage: Stage) -> None:
    """Returned the day it came in: told the next morning, late by the plan's own days to answer."""
    asked = stage.open_round()
    silent, item = stage.cast.silent, stage.cast.stated
    stage.office.answer(silent, str(asked))
    stage.office.give_back(silent, item, str(asked))
    late = stage.days.rung(1, asked)
    told = stage.days.days.after(asked, 1)
    stage.until(told, late - timedelta(days=1))
    assert stage.rung() is None
    assert "缺少数据来源" in stage.mail(told, silent).text
    stage.run(late)
    assert stage.rung() == 1
    assert item in stage.mail(late, silent).text


def test_a_day_run_again_changes_nothing(stage: Stage) -> None:
    """Not on the day of a round, not on the day of a rung, not in the evening."""
    asked = stage.open_round()
    for day in (asked, stage.days.rung(1, asked)):
        stage.run(day)
        before = picture(stage.office.database)
        for clock in ("09:00", "18:00"):
            assert stage.office.run(str(day), clock)["sent"] == 0
        assert differences(before, picture(stage.office.database)) == []


def test_a_hold_stops_the_clock_and_its_days_do_not_count(stage: Stage) -> None:
    """Held for two working days the morning after the round: everything comes two working days later."""
    asked = stage.open_round()
    days = stage.days.days
    since, until = days.after(asked, 1), days.after(asked, 3)
    hold.hold(stage.office.database, "等待修订", now=at(str(since), "08:00"), by=OPERATOR)
    assert "held since" in stage.office.result(str(days.after(asked, 2))).troubles[0]
    released = hold.release(stage.office.database, days, now=at(str(until), "08:00"), by=OPERATOR)
    assert released.working_days == 2
    own = Almanac(stage.plan, ACTIVE_FROM, days.less(frozenset({since, days.after(asked, 2)})))
    first, second = own.rung(1, asked), own.rung(2, asked)
    assert days.waited(stage.days.rung(1, asked), first) == 2
    stage.until(until, first - timedelta(days=1))
    assert stage.rung() is None
    assert "等待修订" in stage.mail(until, stage.cast.silent).text
    stage.run(first)
    stage.until(first + timedelta(days=1), second - timedelta(days=1))
    assert stage.rung() == 1
    stage.run(second)
    assert stage.rung() == 2


def test_an_adhoc_round_asks_the_chosen_only_and_supersedes_nothing(stage: Stage) -> None:
    asked = stage.open_round()
    day = stage.days.days.after(asked, 1)
    silent, item = stage.cast.silent, stage.cast.stated
    plan_adhoc_round(
        stage.office.database,
        on=day, units=[silent], items=[item], note="督导组要求", now=at(str(asked), "12:00"), by=OPERATOR,
    )  # fmt: skip
    stage.run(day)
    mail = stage.mail(day, silent)
    assert "督导组要求" in mail.text
    assert item in mail.text
    assert stage.heard(stage.cast.prompt, asked, day) == []
    with stage.office.database.read() as session:
        kinds = session.exec(
            select(Round.kind)
            .join(Request, col(Request.round_id) == Round.id)
            .join(Unit, col(Unit.id) == Request.unit_id)
            .where(Unit.code == silent, Request.state == "awaiting")
        ).all()
    assert sorted(kinds) == ["adhoc", "regular"]


def test_a_granted_extension_moves_the_task_clock(stage: Stage) -> None:
    """Due on the plan's date, extended by twenty days: late on the working day after the new date."""
    silent, item = stage.cast.silent, stage.cast.stated
    due = owed(stage.office, silent, item).due_on
    assert due is not None
    until = due + timedelta(days=20)
    asked_on = due - timedelta(days=10)
    extension.ask(
        stage.office.database, silent, item, until=until, reason="年度数据未出", now=at(str(asked_on)),
        by=liaison(silent),
    )  # fmt: skip
    granted = extension.decide(
        stage.office.database, silent, item, grant=True, reason="", days=stage.office.days,
        now=at(str(asked_on), "11:00"), by=OPERATOR,
    )  # fmt: skip
    assert (granted.due_on, granted.first_due_on) == (until, due)
    days = stage.days.days
    stage.office.result(str(asked_on), confirmed=str(asked_on))  # long silence: a person vouches
    for day in (days.after(due, 1), until):
        stage.office.result(str(day), confirmed=str(day))
        assert not [case for case in cases(stage.office) if case[:2] == (silent, item)]
    stage.run(days.after(until, 1))
    [case] = [case for case in cases(stage.office) if case[:2] == (silent, item)]
    assert case == (silent, item, str(until), 1, "")


def test_a_merged_unit_s_breach_stays_and_the_successor_is_asked_next_round(stage: Stage) -> None:
    asked = stage.open_round()
    silent, prompt = stage.cast.silent, stage.cast.prompt
    first = stage.days.rung(1, asked)
    stage.until(asked + timedelta(days=1), first)
    done = merge(stage.office.database, silent, prompt, now=at(str(first), "12:00"), by=OPERATOR)
    assert (done.moved > 0, done.closed) == (True, 1)
    assert stage.office.rungs() == {}
    stage.run(stage.days.asked(1))
    assert stage.cast.stated in stage.office.owed(prompt)
    assert silent not in stage.asked()
    with stage.office.database.read() as session:
        [case] = session.exec(select(Case).where(Case.clock == "report")).all()
    assert (case.rung, case.closed_on, case.closed_why) == (1, first, "merged")


def test_an_indicator_is_judged_by_the_figure_from_above(stage: Stage) -> None:
    """Undetermined without it, and that is the office's; with it unmet, then met."""
    asked = stage.open_round()
    silent, item = stage.cast.silent, stage.cast.assigned

    def say(value: str, clock: str) -> tuple[str, str]:
        office, now, by = stage.office.database, at(str(asked), clock), liaison(silent)
        progress.submit(office, silent, item, Answer("in_progress", value, "2021"), now=now, by=by)
        found = kept()
        progress.recall(office, silent, item, now=now, by=by)
        return found

    def kept() -> tuple[str, str]:
        with stage.office.database.read() as session:
            rows = select(Standing).join(Item, col(Item.id) == Standing.item_id).where(Item.code == item)
            row = session.exec(rows).one()
            return row.verdict, row.owed_by

    assert say("93", "10:00") == ("undetermined", "office")
    task = Task("95", "上级文件", ACTIVE_FROM)
    indicator_facts.assign(stage.office.database, item, task, now=at(str(asked), "11:00"), by=OPERATOR)
    assert say("93", "12:00") == ("unmet", "unit")
    assert say("96", "13:00") == ("met", "none")


def test_a_revised_plan_holds_from_the_next_round_on(stage: Stage, tmp_path: Path) -> None:
    """One day more to answer: the open round keeps its due time, the next one has the new rule."""
    asked = stage.open_round()
    days = stage.plan.answer_days
    file = changed(stage.cast, tmp_path, f"answer_days: {days}", f"answer_days: {days + 1}")
    loaded = read(str(file))
    revise(stage.office.database, loaded, now=at(str(asked), "12:00"), by=OPERATOR)
    new = Almanac(loaded.plan, ACTIVE_FROM)
    first = stage.days.rung(1, asked)
    stage.run(first)
    assert stage.rung() == 1
    again = stage.open_round(1)
    with stage.office.database.read() as session:
        rows = session.exec(
            select(Request.due_at)
            .join(Unit, col(Unit.id) == Request.unit_id)
            .join(Round, col(Round.id) == Request.round_id)
            .where(Unit.code == stage.cast.silent)
            .order_by(col(Round.id))
        ).all()
    assert list(rows) == [stage.days.due(asked), new.due(again)]
