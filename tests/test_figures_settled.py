"""What was settled as done at activation is given its figure afterwards, as backfill (补录, DOMAIN 2)."""

from pathlib import Path
from typing import Any

import pytest

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services import new_figure, progress, review
from eco_workflow.services.settle import settle_item
from eco_workflow.services.split_unit import split
from tests.office import OPERATOR, Office, at, liaison
from tests.phase_office import lacking
from tests.services.desk import owed

UNIT = "zhujianju"
BY: dict[str, Any] = {"by": liaison(UNIT)}
ANSWER = Answer("completed", "96", "2021")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    """Active from 1 June 2022, after six rounds: I24, which 住建局 leads, is past due and settled as done."""
    made = Office(database, tmp_path / "office")

    def settled() -> None:
        made.open("2022-06-01")
        how: dict[str, Any] = {"evidence": "台账", "due_on": None, "now": at("2022-06-01", "10:00")}
        settle_item(made.database, "I24", by=OPERATOR, **how)

    made.once("I24 settled as done", settled)
    return made


def wants_figure(office: Office, day: str) -> bool:
    """Whether the gate of phase 2 says that I24 has no figure that meets its target."""
    return "indicator:I24" in lacking(office, 2, day)


def newer(office: Office, value: str, period: str, **moment: Any) -> new_figure.Given:
    """A further figure of I24."""
    return new_figure.give(office.database, UNIT, "I24", value=value, period=period, **BY, **moment)


@pytest.mark.parametrize("run", [False, True], ids=["before the first round", "after it"])
def test_its_figure_is_answered_and_reviewed_without_a_round_being_named(office: Office, run: bool) -> None:
    """The gate asks for it; the unit gives it, takes it back, gives it again, and the office accepts it."""
    if run:
        office.run("2022-06-14")
    moment: dict[str, Any] = {"now": at("2022-06-14", "11:00")}
    before = office.owed(UNIT) if run else []
    assert wants_figure(office, "2022-06-14")
    with pytest.raises(Refused, match=r"closed without .* eco report submit 地区住房城乡建设局 I24 --status"):
        newer(office, "96", "2021", **moment)
    for _ in range(2):
        said = progress.submit(office.database, UNIT, "I24", ANSWER, **BY, **moment)
        assert (str(said.round), said.state, said.item_state) == ("2022-05-28", "submitted", "closed")
        assert not wants_figure(office, "2022-06-14")
        with pytest.raises(Refused, match=r"waits for review.* eco report recall 地区住房城乡建设局 I24"):
            newer(office, "97", "2021", **moment)
        back = progress.recall(office.database, UNIT, "I24", **BY, **moment)
        assert (back.state, back.item_state) == ("awaiting", "closed")
        assert wants_figure(office, "2022-06-14")
    progress.submit(office.database, UNIT, "I24", ANSWER, **BY, **moment)
    noon: dict[str, Any] = {"now": at("2022-06-14", "12:00"), "by": OPERATOR}
    review.return_(office.database, UNIT, "I24", "数据来源", office.days, **noon)
    assert wants_figure(office, "2022-06-14")
    progress.submit(office.database, UNIT, "I24", ANSWER, now=at("2022-06-14", "13:00"), **BY)
    done = review.accept(office.database, UNIT, "I24", now=at("2022-06-14", "14:00"), by=OPERATOR)
    assert (done.state, done.item_state) == ("accepted", "closed")
    assert (office.owed(UNIT) if run else []) == before
    given = newer(office, "97", "2022-05", now=at("2022-06-14", "15:00"))
    assert (given.verdict, given.state) == ("met", "closed")
    assert not wants_figure(office, "2022-06-14")


def test_a_figure_below_the_target_opens_it_again(office: Office) -> None:
    """94 is short of 95: due in twenty working days, it is asked about once what was said is taken back."""
    short = Answer("completed", "94", "2021")
    said = progress.submit(office.database, UNIT, "I24", short, now=at("2022-06-02"), **BY)
    assert (said.state, said.item_state) == ("submitted", "in_progress")
    assert str(owed(office, UNIT, "I24").due_on) == "2022-07-01"
    progress.recall(office.database, UNIT, "I24", now=at("2022-06-02", "10:00"), **BY)
    # What it recorded afterwards it may correct there at once; asked by a round, it answers that.
    again = progress.submit(office.database, UNIT, "I24", short, now=at("2022-06-02", "11:00"), **BY)
    assert str(again.round) == "2022-05-28"
    progress.recall(office.database, UNIT, "I24", now=at("2022-06-02", "12:00"), **BY)
    office.run("2022-06-14")
    assert "I24" in office.owed(UNIT)
    done = progress.submit(office.database, UNIT, "I24", ANSWER, now=at("2022-06-14", "11:00"), **BY)
    assert (str(done.round), done.item_state) == ("2022-06-14", "completed")


def test_what_is_open_is_not_answered_in_a_round_of_the_past_unless_that_is_named(office: Office) -> None:
    """I26 is open and asked from the first round on; before that, backfill is what somebody calls so."""
    moment: dict[str, Any] = {"now": at("2022-06-02"), **BY}
    with pytest.raises(WrongInput, match="is not asked about I26 in any open round"):
        progress.submit(office.database, UNIT, "I26", ANSWER, **moment)
    with pytest.raises(Refused, match=r"is not_started; a new .* eco report submit 地区住房城乡建设局 I26"):
        new_figure.give(office.database, UNIT, "I26", value="96", period="2021", **moment)


def test_what_a_round_was_asking_when_it_was_settled_is_answered_all_the_same(office: Office) -> None:
    """I26 was asked on 14 June and settled that day: its question is set aside, its figure is backfill."""
    office.run("2022-06-14")
    how: dict[str, Any] = {"evidence": "台账", "due_on": None, "now": at("2022-06-14", "10:00")}
    settle_item(office.database, "I26", by=OPERATOR, **how)
    moment: dict[str, Any] = {"now": at("2022-06-14", "11:00")}
    with pytest.raises(Refused, match=r"closed without .* eco report submit 地区住房城乡建设局 I26 --status"):
        new_figure.give(office.database, UNIT, "I26", value="96", period="2021", **BY, **moment)
    said = progress.submit(office.database, UNIT, "I26", ANSWER, **BY, **moment)
    assert (str(said.round), said.state, said.item_state) == ("2022-05-28", "submitted", "closed")
    back = progress.recall(office.database, UNIT, "I26", **BY, **moment)
    assert (back.state, back.item_state) == ("awaiting", "closed")
    assert "I26" not in office.owed(UNIT)
    progress.submit(office.database, UNIT, "I26", ANSWER, **BY, **moment)
    assert review.accept(office.database, UNIT, "I26", by=OPERATOR, **moment).state == "accepted"


@pytest.mark.parametrize("run", [False, True], ids=["before the first round", "after it"])
def test_who_took_over_what_was_settled_gives_its_first_figure_for_review(office: Office, run: bool) -> None:
    """地区水务局 takes I24 over: nobody has answered yet; its figure is an answer, and can be taken back."""
    taker: dict[str, Any] = {"by": liaison("shuiwuju"), "now": at("2022-06-14", "11:00")}
    split(office.database, UNIT, ["I24:shuiwuju"], rest=None, now=at("2022-06-13"), by=OPERATOR)
    if run:
        office.run("2022-06-14")
    for _ in range(2):
        said = progress.submit(office.database, "shuiwuju", "I24", ANSWER, **taker)
        assert (said.state, said.item_state, said.on_time) == ("submitted", "closed", None)
        assert not wants_figure(office, "2022-06-14")
        back = progress.recall(office.database, "shuiwuju", "I24", **taker)
        assert (back.state, back.item_state) == ("recalled", "closed")
        assert wants_figure(office, "2022-06-14")
    progress.submit(office.database, "shuiwuju", "I24", ANSWER, **taker)
    done = review.accept(office.database, "shuiwuju", "I24", now=at("2022-06-14", "12:00"), by=OPERATOR)
    assert (done.state, done.item_state) == ("accepted", "closed")
    later: dict[str, Any] = {"now": at("2022-06-14", "13:00"), "by": liaison("shuiwuju")}
    given = new_figure.give(office.database, "shuiwuju", "I24", value="97", period="2022-05", **later)
    assert (given.verdict, given.state) == ("met", "closed")


def test_a_short_figure_of_what_a_round_was_asking_is_taken_back_and_given_anew_there(office: Office) -> None:
    """I26 was set aside in the round of 14 June when it was settled; 94, as backfill, opens it again."""
    office.run("2022-06-14")
    how: dict[str, Any] = {"evidence": "台账", "due_on": None, "now": at("2022-06-14", "10:00")}
    settle_item(office.database, "I26", by=OPERATOR, **how)
    moment: dict[str, Any] = {"now": at("2022-06-14", "11:00")}
    for value in ("94", "93"):
        said = progress.submit(
            office.database, UNIT, "I26", Answer("completed", value, "2021"), **BY, **moment
        )
        assert (str(said.round), said.item_state) == ("2022-05-28", "in_progress")
        back = progress.recall(office.database, UNIT, "I26", **BY, **moment)
        assert (str(back.round), back.item_state) == ("2022-05-28", "in_progress")
    progress.submit(office.database, UNIT, "I26", ANSWER, **BY, **moment)
    assert review.accept(office.database, UNIT, "I26", by=OPERATOR, **moment).state == "accepted"


def test_who_took_it_over_claims_nothing_by_a_short_figure_that_it_takes_back(office: Office) -> None:
    """地区水务局 gives 94 for I24 and recalls it: open since it fell, and asked by the next round."""
    taker: dict[str, Any] = {"by": liaison("shuiwuju"), "now": at("2022-06-13", "11:00")}
    split(office.database, UNIT, ["I24:shuiwuju"], rest=None, now=at("2022-06-13"), by=OPERATOR)
    short = Answer("completed", "94", "2021")
    assert progress.submit(office.database, "shuiwuju", "I24", short, **taker).item_state == "in_progress"
    back = progress.recall(office.database, "shuiwuju", "I24", **taker)
    assert (back.state, back.item_state) == ("recalled", "in_progress")
    with pytest.raises(WrongInput, match="at once with: eco round adhoc --units 地区水务局 --items I24"):
        progress.submit(office.database, "shuiwuju", "I24", ANSWER, **taker)
    office.run("2022-06-14")
    assert "I24" in office.owed("shuiwuju")
