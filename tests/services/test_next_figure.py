"""When the next figure is expected, and a new date from the settling list (DOMAIN 3.3; 2, late loading)."""

from datetime import date
from pathlib import Path

import pytest

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services import next_figure, settle
from tests.office import OPERATOR, SUPERVISOR, Office, at, liaison
from tests.reliability.picture import picture
from tests.services.desk import cases, entries, keep_open, owed

I35 = ("tongjiju", "I35")
"""A survey's figure, which comes once a year."""


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """The plan is active from Sunday, 15 May 2022; few items are open."""
    made = Office(database, tmp_path / "office")
    made.open("2022-05-15")
    keep_open(made, "I35", "M1.1")
    return made


def test_no_round_asks_before_the_next_figure_is_expected(office: Office) -> None:
    now = at("2022-05-20")
    said = next_figure.expect(office.database, *I35, date(2022, 7, 14), now=now, by=OPERATOR)
    assert said == next_figure.Expected("地区统计局", "I35", date(2022, 7, 14))
    office.run("2022-05-30")
    assert (entries(office, *I35), entries(office, "diaochadui", "I35")) == ([], [("2022-05-28", "awaiting")])
    office.run("2022-06-14")
    next_figure.expect(office.database, *I35, None, now=at("2022-06-20"), by=OPERATOR)
    office.run("2022-06-28")
    next_figure.expect(office.database, *I35, date(2022, 7, 14), now=at("2022-06-29"), by=OPERATOR)
    office.run("2022-07-14")
    assert [day for day, _ in entries(office, *I35)] == ["2022-06-28", "2022-07-14"]


def test_what_is_no_day_to_expect_a_figure_is_refused_and_changes_nothing(office: Office) -> None:
    before = picture(office.database)
    for day in ("2022-05-20", "2023-01-01"):
        with pytest.raises(WrongInput, match="must lie after today and not after the plan's end"):
            next_figure.expect(
                office.database, *I35, date.fromisoformat(day), now=at("2022-05-20"), by=OPERATOR
            )
    with pytest.raises(Refused, match="is a milestone"):
        next_figure.expect(office.database, "chuangjianban", "M1.1", None, now=at("2022-05-20"), by=OPERATOR)
    for by in (liaison("tongjiju"), SUPERVISOR):
        with pytest.raises(Refused, match="saying when a figure is expected needs an operator"):
            next_figure.expect(office.database, *I35, None, now=at("2022-05-20"), by=by)
    assert picture(office.database) == before


def test_a_new_date_from_the_settling_list_warns_and_climbs_like_any_other(office: Office) -> None:
    """M1.1 was due on 28 February, before activation: it is listed, and late for nobody, until settled."""
    m11 = ("chuangjianban", "M1.1")
    office.run("2022-05-16")
    assert cases(office) == []
    settle.settle_item(
        office.database, "M1.1", evidence=None, due_on=date(2022, 5, 20), now=at("2022-05-16", "10:00"),
        by=OPERATOR,
    )  # fmt: skip
    assert (owed(office, *m11).due_on, owed(office, *m11).first_due_on) == (
        date(2022, 5, 20), date(2022, 2, 28),
    )  # fmt: skip
    office.run("2022-05-17")  # three working days before: rung 0
    assert owed(office, *m11).warned_on == date(2022, 5, 17)
    office.run("2022-05-20")
    assert cases(office) == []
    for day, rung in (("2022-05-23", 1), ("2022-05-25", 1), ("2022-05-26", 2), ("2022-05-30", 3)):
        office.run(day)
        assert cases(office) == [(*m11, "2022-05-20", rung, "")], day
