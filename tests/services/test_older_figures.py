"""Of what was closed out no figure of an older period is taken, unless the office says why (DOMAIN 7, M4.1).

I24 asks for 95% and is closed out with 96; it falls with 94 in the first quarter, or in May.
"""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services import new_figure, progress, review
from eco_workflow.services.adhoc_round import plan_adhoc_round
from eco_workflow.store.tables import Standing
from tests.office import OPERATOR, Office, at, liaison
from tests.services.desk import entries, keep_open, owed

UNIT, ITEM = HOMES = ("zhujianju", "I24")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Office:
    made = Office(database, tmp_path / "office")
    made.open("2022-05-15")
    made.once("I24 open", partial(keep_open, made, ITEM))
    made.silent("2022-05-28")
    return made


def say(
    office: Office, day: str, value: str, period: str, status: str = "completed", **more: Any
) -> progress.Recorded:
    moment = {"now": at(day, "10:00"), "by": liaison(UNIT), **more}
    return progress.submit(office.database, *HOMES, Answer(status, value, period), **moment)


def close(office: Office, day: str) -> None:
    review.close(office.database, *HOMES, now=at(day, "11:00"), by=OPERATOR)


def give(office: Office, day: str, value: str, period: str, **more: Any) -> str:
    moment = {"now": at(day, "12:00"), "by": liaison(UNIT), **more}
    given = new_figure.give(office.database, *HOMES, value=value, period=period, **moment)
    return f"{given.verdict} {given.state}"


def verdict(office: Office) -> str:
    owing = owed(office, *HOMES)
    with office.database.read() as session:
        return session.get_one(Standing, (owing.plan_id, owing.item_id)).verdict


def fall(office: Office, period: str) -> None:
    """Closed out on 30 May, fallen on 8 June, asked again on the 14th."""
    say(office, "2022-05-30", "96", "2021")
    close(office, "2022-05-30")
    assert give(office, "2022-06-08", "94", period) == "unmet in_progress"
    office.run("2022-06-14")


def test_what_fell_is_not_closed_again_with_what_was_known_before(office: Office) -> None:
    fall(office, "2022-Q1")
    older = r"I24 was closed out, and the last figure of .* is that of 2022-Q1, 94: 2021 is older\. .* I24$"
    with pytest.raises(Refused, match=older):
        say(office, "2022-06-15", "97", "2021")
    assert entries(office, *HOMES)[-1] == ("2022-06-14", "awaiting")
    say(office, "2022-06-15", "97", "2022-Q1")
    assert verdict(office) == "met"
    close(office, "2022-06-15")


def test_the_figure_that_stands_is_no_barrier_to_its_own_correction(office: Office) -> None:
    """A slip of April was accepted, and 97 of last year given in its place, with which it was closed out."""
    say(office, "2022-05-30", "96", "2022-04", "in_progress")
    review.accept(office.database, *HOMES, now=at("2022-05-30", "11:00"), by=OPERATOR)
    office.run("2022-06-14")
    say(office, "2022-06-14", "97", "2021")
    close(office, "2022-06-14")
    assert give(office, "2022-06-16", "97.5", "2021") == "met closed"
    assert give(office, "2022-06-17", "90", "2021") == "unmet in_progress"


def test_a_figure_that_was_put_right_before_its_period_was_over_stays_put_right(office: Office) -> None:
    """June was a slip for May: when June is over, too, it is May that stands."""
    say(office, "2022-05-30", "96", "2021")
    close(office, "2022-05-30")
    assert give(office, "2022-06-08", "94", "2022-06") == "undetermined closed"
    with pytest.raises(Refused, match="that of 2021, 96: 2020 is older"):
        give(office, "2022-06-08", "96", "2020")
    assert give(office, "2022-06-09", "96", "2022-05") == "met closed"
    assert give(office, "2022-07-04", "95.5", "2022-05") == "met closed"
    assert give(office, "2022-07-05", "90", "2022-05") == "unmet in_progress"


def test_where_the_period_was_a_slip_the_office_says_so(office: Office) -> None:
    """94 was of the first quarter, and in May it was 97: the unit alone may not take May back."""
    fall(office, "2022-05")
    slip = Answer("completed", "97", "2022-Q1", "94为一季度数，误填为5月", corrects_period=True)
    put_right = partial(progress.submit, office.database, *HOMES, now=at("2022-06-15", "10:00"))
    with pytest.raises(Refused, match="to say that a period was a slip needs an operator"):
        put_right(slip, by=liaison(UNIT))
    with pytest.raises(WrongInput, match="--corrects-period needs --note"):
        put_right(Answer("completed", "97", "2022-Q1", corrects_period=True), by=OPERATOR)
    assert entries(office, *HOMES)[-1] == ("2022-06-14", "awaiting")
    put_right(slip, by=OPERATOR)
    assert verdict(office) == "met"
    close(office, "2022-06-15")
    correct: dict[str, Any] = {"by": OPERATOR, "note": "应为2021年年报数", "corrects_period": True}
    assert give(office, "2022-06-16", "96.5", "2021", **correct) == "met closed"
    assert give(office, "2022-06-17", "96.6", "2021") == "met closed"


def test_what_is_recorded_for_an_earlier_round_takes_the_place_of_nothing(office: Office) -> None:
    say(office, "2022-05-30", "96", "2022-Q1")
    close(office, "2022-05-30")
    for round_on in ("2022-03-14", "2022-05-14"):
        say(office, "2022-06-01", "95", "2021", round_on=date.fromisoformat(round_on))
    assert (verdict(office), owed(office, *HOMES).state) == ("met", "closed")
    assert give(office, "2022-06-02", "90", "2022-Q1") == "unmet in_progress"


def test_an_older_figure_slips_in_behind_no_later_round_either(office: Office) -> None:
    """An ad-hoc round asks beside the regular one: what is answered to it may be taken back."""
    fall(office, "2022-05")
    why: dict[str, Any] = {"note": "补报", "now": at("2022-06-14", "15:00"), "by": OPERATOR}
    plan_adhoc_round(office.database, on=date(2022, 6, 15), units=[UNIT], items=[ITEM], **why)
    office.run("2022-06-15")
    say(office, "2022-06-15", "94.5", "2022-05", "in_progress")
    with pytest.raises(Refused, match="that of 2022-05, 94: 2021 is older"):
        say(office, "2022-06-15", "97", "2021", round_on=date(2022, 6, 14))


def test_that_a_period_was_a_slip_is_said_of_an_older_figure_alone(office: Office) -> None:
    fall(office, "2022-05")
    for value, period in (("", ""), ("97", "2022-05")):
        slip = Answer("completed", value, period, "误填", corrects_period=True)
        with pytest.raises(WrongInput, match="--corrects-period puts an older figure in the place"):
            progress.submit(office.database, *HOMES, slip, now=at("2022-06-15", "10:00"), by=OPERATOR)
