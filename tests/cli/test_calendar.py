"""`eco calendar`: a year that nobody published yet is provisional, visibly, until it is imported."""

from pathlib import Path

import pytest

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused

YEAR = """
year: 2027
source: 测试用安排
holidays:
  - {name: 元旦, from: 2027-01-01, to: 2027-01-03}
  - {name: 春节, from: 2027-02-05, to: 2027-02-11}
  - {name: 清明节, from: 2027-04-03, to: 2027-04-05}
  - {name: 劳动节, from: 2027-05-01, to: 2027-05-05}
  - {name: 端午节, from: 2027-06-09, to: 2027-06-11}
  - {name: 中秋节, from: 2027-09-15, to: 2027-09-17}
  - {name: 国庆节, from: 2027-10-01, to: 2027-10-07}
makeup: [2027-02-13, 2027-05-08, 2027-10-09]
"""
"""Made up: the program knows 2004 to 2026."""

CODE = "daxinganling-2027"
LABOUR_DAY = ("--now", "2027-04-30T09:00:00+08:00")


@pytest.fixture
def unknown(empty: Terminal, tmp_path: Path) -> Terminal:
    """The plan shifted to 2027, active from 1 April; the round of the 28th was sent on time."""
    plan = str(tmp_path / "next.yaml")
    assert empty("plan", "shift", "daxinganling-2022", "--start", "2026-10-01", "--out", plan).code == 0
    assert empty("init", "--plan", plan, "--now", "2027-04-01T08:00:00+08:00").code == 0
    (tmp_path / "2027.yaml").write_text(YEAR, encoding="utf-8")
    return empty


def test_an_unpublished_year_is_provisional_until_it_is_imported(unknown: Terminal, tmp_path: Path) -> None:
    """In the calendar, the status and the run. Asked on Thursday the 29th: due on 3 May, then on the 6th."""
    shown = unknown("calendar", "show", *LABOUR_DAY)
    assert "2027: PROVISIONAL (Monday to Friday, since no arrangement of it is known)" in shown.out
    assert "eco calendar import FILE" in shown.out
    assert "The calendar is not known; later days are provisional" in unknown("status", *LABOUR_DAY).out
    run = unknown("dispatch", "--direct", "--now", "2027-04-29T09:00:00+08:00")
    assert "The calendar is provisional: no arrangement of the year is known" in run.out

    done = unknown("calendar", "import", str(tmp_path / "2027.yaml"), *LABOUR_DAY)
    assert done.code == 0, done.err
    assert "2027 is known now: 31 holidays, 3 make-up working days (测试用安排)" in done.out
    assert "The calendar is known until 2027-12-31." in done.out
    assert "answer of 2027-04-28  2027-05-03 17:30  2027-05-06 17:30" in done.out.replace("   ", "  ")
    assert "in the next envelope" in done.out
    year = unknown("calendar", "show", *LABOUR_DAY, "--json").json
    assert (year["provisional"], year["source"], year["working_days"]) == (False, "测试用安排", 243)
    by_day = {row["day"]: row for row in year["days"]}
    assert by_day["2027-05-08"] == {
        "day": "2027-05-08", "working": True, "source": "published arrangement",
        "name": "make-up working day",
    }  # fmt: skip
    assert "later days are provisional" not in unknown("status", *LABOUR_DAY).out
    assert unknown("calendar", "import", str(tmp_path / "2027.yaml"), *LABOUR_DAY).out.startswith(
        "2027 was known so already"
    )
    again = unknown("follow-up", "--direct", "--now", "2027-05-06T09:00:00+08:00", "--json").json
    assert ("provisional" in again, again["rungs"]) == (False, 0)


def test_a_year_says_where_its_days_come_from(eco: Terminal) -> None:
    """Published, weekday rule, plan held."""
    at = ("--now", NEXT_DAY)
    assert eco("plan", "hold", "--reason", "检修", *at).code == 0
    shown = eco("calendar", "show", *at)
    assert "2022: published (chinesecalendar" in shown.out
    assert "The calendar is known until 2026-12-31." in shown.out
    days = {row["day"]: row for row in eco("calendar", "show", *at, "--json").json["days"]}
    assert {day: (days[day]["working"], days[day]["source"]) for day in ("2022-03-14", "2022-03-15")} == {
        "2022-03-14": (True, "weekday rule"),
        "2022-03-15": (False, "plan held"),
    }
    assert (days["2022-04-02"]["working"], days["2022-04-04"]["name"]) == (True, "Tomb-sweeping Day")


def test_a_wrong_file_or_the_wrong_person_changes_nothing(eco: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "2027.yaml"
    file.write_text(YEAR.replace("2027-05-08", "2027-05-10"), encoding="utf-8")
    at = ("--now", NEXT_DAY)
    before = eco.picture()
    assert_refused(eco("calendar", "import", str(file), *at), 2, "2027-05-10 is Monday")
    assert_refused(eco("calendar", "import", str(tmp_path / "no.yaml"), *at), 2, "cannot be read")
    file.write_text(YEAR, encoding="utf-8")
    said = eco("calendar", "import", str(file), *at, "--as", "联络员·水务局")
    assert_refused(said, 1, "changing the calendar needs an operator")
    assert_refused(eco("calendar", "show", "--year", "1822", *at), 2, "--year 1822")
    assert eco.picture() == before
