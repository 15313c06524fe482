"""A calendar becomes known: what was counted without it moves, is recorded, and is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from eco_workflow.domain.arrangement import Arrangement, Day, wrong_with
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services import extension
from eco_workflow.services.calendar import published_calendar, published_for
from eco_workflow.services.calendar_file import read
from eco_workflow.services.import_calendar import Imported, import_year
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Audit, CalendarYear, Case
from tests.calendars import SOURCE, published, with_days
from tests.moving_calendar import I33, WATER, asked_office, known, office_of_two_items, rest
from tests.office import OPERATOR, Office, at, liaison
from tests.services.desk import cases, owed, told


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    return asked_office(database, tmp_path)


@pytest.fixture
def few(database: str, tmp_path: Path) -> Office:
    return office_of_two_items(database, tmp_path)


on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_open_answers_are_due_as_the_known_calendar_counts_and_units_are_told(office: Office) -> None:
    """The 15th and 16th turn out to be holidays: due on Friday the 18th."""
    done = known(office, with_days("2022-03-15", "2022-03-16"), "2022-03-14")
    assert (done.fresh, len(done.moved), done.known_until) == (True, 58, date(2026, 12, 31))
    assert office.due() == {at("2022-03-18", "17:30")}
    with office.database.read() as session:
        row = session.exec(select(Audit).where(Audit.action == "import_calendar")).one()
        assert broken_at(session, 1) is None
    detail = json.loads(row.detail)
    assert (detail["year"], detail["source"], len(detail["moved"])) == (2022, SOURCE, 58)
    moved = next(one for one in detail["moved"] if one["unit"] == "shuiwuju")
    assert (moved["what"], moved["round_on"]) == ("answer", "2022-03-14")
    assert moved["before"] != moved["after"]
    assert office.run("2022-03-17")["rungs"] == 0
    [mail] = office.mails("2022-03-17", WATER)
    assert "请于3月18日17:30（周五）前填报3月14日调度进展，原为3月16日17:30（周三）。" in mail.text
    assert f"原因：{SOURCE}" in mail.text
    assert office.run("2022-03-18")["rungs"] == 0
    assert office.run("2022-03-21")["rungs"] > 0


def test_runs_and_answers_count_in_the_calendar_that_was_imported(office: Office) -> None:
    """A returned answer is due two working days later, with the holidays that came in meanwhile."""
    office.answer("shuiwuju", "2022-03-15")
    known(office, with_days("2022-03-17"), "2022-03-15")
    assert not published_for(office.database).is_working(date(2022, 3, 17))
    assert office.run("2022-03-17")["rungs"] == 0  # no working day: nobody is reminded
    assert office.run("2022-03-18")["rungs"] > 0


@on_sqlite
def test_who_was_late_by_the_provisional_calendar_alone_is_late_no_more(office: Office) -> None:
    """Rung 1 was told on the 17th; the calendar makes the answers due on the 18th."""
    assert office.run("2022-03-17")["rungs"] > 0
    known(office, with_days("2022-03-15", "2022-03-16"), "2022-03-17")
    assert office.due() == {at("2022-03-18", "17:30")}
    office.run("2022-03-18")
    with office.database.read() as session:
        assert session.exec(select(Case.id).where(col(Case.closed_on).is_(None))).all() == []


MOVES = {
    "what lies behind in both calendars stays": (("2022-03-15",), (), "2022-03-21", "2022-03-16"),
    "no day moves it": ((), ("2022-03-12",), "2022-03-14", "2022-03-16"),
    "before the evening it moves on": (("2022-03-16",), (), "2022-03-16", "2022-03-17"),
}


@on_sqlite
@pytest.mark.parametrize("name", MOVES)
def test_what_is_over_stays_over(office: Office, name: str) -> None:
    holidays, makeup, day, expected = MOVES[name]
    known(office, with_days(*holidays, makeup=makeup), day)
    assert office.due() == {at(expected, "17:30")}


@on_sqlite
@pytest.mark.parametrize(
    ("day", "expected"),
    [("2022-04-14", "2022-04-16"), ("2022-04-15", "2022-04-16"), ("2022-04-16", "2022-04-18")],
)
def test_a_due_time_comes_no_nearer_than_people_can_hear_of_it(
    database: str, tmp_path: Path, day: str, expected: str
) -> None:
    """Asked on Thursday, due on Monday; a Saturday that is made up would bring it to that evening."""
    office = Office(database, tmp_path / "office")
    office.open("2022-04-01")
    office.silent("2022-04-14")
    assert office.due() == {at("2022-04-18", "17:30")}
    known(office, with_days(makeup=("2022-04-16",)), day)
    assert office.due() == {at(expected, "17:30")}


@on_sqlite
def test_the_day_that_remains_after_a_refused_extension_is_counted_again(few: Office) -> None:
    """Refused on Wednesday, 1 June: late from Monday the 6th, since the 3rd is a holiday. So is the 2nd."""
    until = date(2022, 6, 20)
    said: dict[str, Any] = {"reason": "待数据", "now": at("2022-05-31"), "by": liaison("caizhengju")}
    extension.ask(few.database, *I33, until=until, **said)
    refused: dict[str, Any] = {"reason": "x", "now": at("2022-06-01"), "by": OPERATOR}
    extension.decide(few.database, *I33, grant=False, days=published_calendar(), **refused)
    assert owed(few, *I33).clock_from == date(2022, 6, 6)
    done = known(few, with_days("2022-06-02"), "2022-06-01")
    assert owed(few, *I33).clock_from == date(2022, 6, 7)
    assert [(one.item, one.what, one.before, one.after) for one in done.moved] == [
        ("I33", "late from", date(2022, 6, 6), date(2022, 6, 7))
    ]
    few.run("2022-06-06")
    [mail] = few.mails("2022-06-06", "lianluo@caizhengju.dxal.example")
    # Told once, and right; on the 7th the mail says how many days it is late since the due date.
    asked = "请完成并填报I33；6月7日（周二）起仍未完成的，按逾期催办，"
    assert f"{asked}逾期天数自完成期限5月31日（周二）起算。" in mail.text
    assert "6月7日（周二）起仍未完成的，按逾期催办\r\n" in mail.text
    assert "起计逾期" not in mail.text
    assert told(few, "2022-06-06", "due_by_calendar") == []


@on_sqlite
def test_what_a_suspension_put_off_is_counted_again(few: Office) -> None:
    """It rested from Monday, 23 May for three working days: due on Monday, 6 June. The 2nd is a holiday."""
    rest(few, "2022-05-23", "2022-05-26")
    assert owed(few, *I33).due_on == date(2022, 6, 6)
    known(few, with_days("2022-06-02"), "2022-05-26")
    assert (owed(few, *I33).due_on, owed(few, *I33).first_due_on) == (date(2022, 6, 7), date(2022, 5, 31))
    known(few, published(2022), "2022-05-27")
    assert owed(few, *I33).due_on == date(2022, 6, 6)


@on_sqlite
def test_from_when_a_case_waits_is_counted_again(few: Office) -> None:
    """Rung 1 was told on 1 June; it rested from the 7th to the 10th: what it had waited before counts on.

    In the calendar that came later the 6th was a holiday: one working day less had been waited.
    """
    few.run("2022-05-30")
    few.run("2022-06-01")
    rest(few, "2022-06-07", "2022-06-10")

    def waits_from() -> date | None:
        with few.database.read() as session:
            task = select(col(Case.waits_from)).where(Case.clock == "task", col(Case.waits_from).is_not(None))
            return session.exec(task).one()

    assert waits_from() == date(2022, 6, 7)
    done = known(few, with_days("2022-06-06"), "2022-06-10")
    assert waits_from() == date(2022, 6, 8)
    assert [one.what for one in done.moved] == ["waits from"]
    assert ("caizhengju", "I33", "2022-05-31", 1, "") in cases(few)


@on_sqlite
def test_a_date_that_a_person_chose_does_not_move(few: Office) -> None:
    until = date(2022, 6, 20)
    said: dict[str, Any] = {"reason": "待数据", "now": at("2022-05-20"), "by": liaison("caizhengju")}
    extension.ask(few.database, *I33, until=until, **said)
    granted: dict[str, Any] = {"reason": "", "now": at("2022-05-23"), "by": OPERATOR}
    extension.decide(few.database, *I33, grant=True, days=published_calendar(), **granted)
    done = known(few, with_days("2022-06-02", "2022-06-20"), "2022-05-24")
    assert (owed(few, *I33).due_on, done.moved) == (until, ())


@on_sqlite
def test_the_same_year_again_changes_nothing_and_another_wants_a_word(office: Office) -> None:
    def give(arrangement: Arrangement) -> Imported:
        return import_year(
            office.database, arrangement, correct=False, now=at("2022-03-14", "12:00"), by="operator"
        )

    assert not give(published(2022)).fresh  # as it came with the program
    other = with_days("2022-03-15")
    with pytest.raises(Refused, match=r"2022 is known already, otherwise.*--correct"):
        give(other)
    assert known(office, other, "2022-03-14").fresh
    assert not give(other).fresh
    assert office.due() == {at("2022-03-17", "17:30")}
    with office.database.read() as session:
        assert [(row.year, row.source) for row in session.exec(select(CalendarYear))] == [(2022, SOURCE)]


@on_sqlite
def test_days_of_the_december_before_are_taken_back_by_a_corrected_file(office: Office) -> None:
    """They were a slip of the file that named them: where it names them no more they go with it."""
    right = replace(published(2023), source="2023年安排")
    slip = [Day(date(2022, 12, 30), "holiday", "元旦"), Day(date(2022, 12, 25), "makeup")]
    before = published_for(office.database)
    known(office, replace(right, days=sorted([*right.days, *slip])), "2022-03-14")
    assert not published_for(office.database).is_working(date(2022, 12, 30))
    with pytest.raises(Refused, match=r"2023 is known already, otherwise.*--correct"):
        import_year(office.database, right, correct=False, now=at("2022-03-14", "12:00"), by="operator")
    assert known(office, right, "2022-03-14", "13:00").fresh
    after = published_for(office.database)
    assert (after.holidays, after.makeup) == (before.holidays, before.makeup)
    assert not known(office, right, "2022-03-14", "14:00").fresh


def test_an_imported_year_stands_for_what_came_with_the_program(office: Office) -> None:
    """Day by day the calendar stays what it was, New Year's days of the December before too."""
    for year in (2022, 2023):
        known(office, replace(published(year), source=f"{year}年安排"), "2022-03-14")
    before, after = published_calendar(), published_for(office.database)
    assert (after.holidays, after.makeup) == (before.holidays, before.makeup)


@pytest.mark.parametrize("year", range(2008, 2027))
def test_every_arrangement_that_was_ever_published_can_be_imported(year: int) -> None:
    names = {name for day in published(year).days for name in [day.name] if name}
    missing = "中秋 is missing"
    assert [wrong for wrong in wrong_with(published(year)) if wrong != missing] == []
    assert "国庆节、中秋节" in names


def less(*days: str) -> Arrangement:
    kept = [day for day in published(2022).days if str(day.on) not in days]
    return Arrangement(2022, SOURCE, kept)


WRONG: dict[str, tuple[Arrangement, str]] = {
    "a statutory day": (less("2022-10-02"), "2022-10-02 is a statutory holiday and missing"),
    "a festival": (less("2022-06-03", "2022-06-04", "2022-06-05"), "端午 is missing"),
    "a day twice": (with_days("2022-10-02"), "2022-10-02 stands 2 times"),
    "both": (with_days(makeup=("2022-10-02",)), "2022-10-02 stands 2 times"),
    "a weekday": (with_days(makeup=("2022-03-15",)), "2022-03-15 is Tuesday: a make-up working day"),
    "another year": (with_days("2023-03-15"), "2023-03-15 does not belong to 2022"),
    "no source": (Arrangement(2022, "", published(2022).days), "source is missing"),
    "no year": (Arrangement(1822, SOURCE, published(2022).days), "1822 is no year"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_arrangement_that_cannot_be_is_refused_in_words(name: str) -> None:
    arrangement, said = WRONG[name]
    assert any(said in wrong for wrong in wrong_with(arrangement)), wrong_with(arrangement)


@on_sqlite
def test_what_is_wrong_is_said_all_at_once_and_nothing_is_written(office: Office) -> None:
    twice_wrong = replace(less("2022-10-02"), source="")
    with pytest.raises(WrongInput, match=r"source is missing.*2022-10-02 is a statutory"):
        known(office, twice_wrong, "2022-03-14")
    with office.database.read() as session:
        assert session.exec(select(CalendarYear)).all() == []


YAML = f"""
year: 2022
source: {SOURCE}
holidays:
  - {{name: 元旦, from: 2022-01-01, to: 2022-01-03}}
  - {{name: 五一, from: 2022-05-01}}
makeup: [2022-04-02]
"""
CSV = f"day,kind,name,source\n2022-01-01,holiday,元旦,{SOURCE}\n2022-04-02,makeup,,\n"


def test_a_year_is_read_from_yaml_and_from_a_table(tmp_path: Path) -> None:
    file = tmp_path / "2022.yaml"
    file.write_text(YAML, encoding="utf-8")
    new_year = [Day(date(2022, 1, n), "holiday", "元旦") for n in (1, 2, 3)]
    made_up = Day(date(2022, 4, 2), "makeup")
    assert read(file) == Arrangement(
        2022, SOURCE, [*new_year, made_up, Day(date(2022, 5, 1), "holiday", "五一")]
    )
    table = tmp_path / "2022.csv"
    table.write_text(CSV, encoding="utf-8-sig")  # as spreadsheets write it
    assert read(table) == Arrangement(2022, SOURCE, [new_year[0], made_up])


BROKEN: dict[str, tuple[str, Callable[[str], str], str]] = {
    "no such date": (".yaml", lambda _: YAML.replace("2022-04-02", "2022-04-31"), "'2022-04-31' is no date"),
    "backwards": (".yaml", lambda _: YAML.replace("2022-01-03", "2021-12-30"), "goes from 2022-01-01 to"),
    "a field too many": (".yaml", lambda _: YAML + "makeups: []", "unknown field 'makeups'"),
    "no list": (".yaml", lambda _: "year: 2022\nholidays: 3", "holidays and makeup are lists"),
    "an alias": (".yaml", lambda _: "a: &a [1]\nb: *a", "is a YAML alias"),
    "nothing": (".yaml", lambda _: "", "is no mapping"),
    "other columns": (".csv", lambda _: CSV.replace("kind", "type"), "the first line must be"),
    "another kind": (".csv", lambda _: CSV.replace("makeup", "work"), ":3: 'work' is no kind"),
    "two sources": (".csv", lambda _: CSV.replace("02,makeup,,", "02,makeup,,x"), "2 sources"),
    "no rows": (".csv", lambda _: "day,kind,name,source\n", "names no day"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_calendar_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    suffix, make, said = BROKEN[name]
    file = tmp_path / f"2022{suffix}"
    file.write_text(make(""), encoding="utf-8")
    with pytest.raises(WrongInput) as refused:
        read(file)
    assert said in str(refused.value)
