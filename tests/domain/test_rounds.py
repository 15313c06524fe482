"""When rounds are printed, leave, and are due; when a plan does not run."""

from datetime import date, time

import pytest

from eco_workflow.domain.clock import instant
from eco_workflow.domain.rounds import (
    Asked,
    Span,
    counted_once,
    due_at,
    may_leave,
    printed_dates,
    reason_not_to_run,
)
from eco_workflow.services.calendar import published_calendar

DAYS = published_calendar()


def day(text: str) -> date:
    """A date of 2022 from month and day."""
    return date.fromisoformat(f"2022-{text}")


def test_rounds_are_printed_for_the_14th_and_28th_within_both_ends() -> None:
    """Both ends count; the order of the days given does not."""
    found = list(printed_dates(day("02-28"), day("04-14"), [28, 14]))
    assert found == [day("02-28"), day("03-14"), day("03-28"), day("04-14")]
    assert list(printed_dates(day("03-15"), day("03-27"), [14, 28])) == []
    turn = list(printed_dates(date(2022, 12, 20), date(2023, 1, 20), [14, 28]))
    assert turn == [date(2022, 12, 28), date(2023, 1, 14)]


@pytest.mark.parametrize(
    ("printed", "today", "waits", "leaves"),
    [
        ("03-14", "03-13", False, False),  # never before the printed day
        ("03-14", "03-14", False, True),
        ("05-14", "05-14", False, True),  # a Saturday
        ("05-14", "05-14", True, False),  # … unless the plan waits for a working day
        ("05-14", "05-15", True, False),
        ("05-14", "05-16", True, True),
        ("05-03", "05-03", False, False),  # a public holiday
        ("05-03", "05-04", False, False),
        ("05-03", "05-05", False, True),  # the next working day
        ("05-03", "05-08", False, False),  # missed: it still waits for a working day
        ("05-03", "05-09", False, True),
        ("04-28", "05-02", False, False),  # missed, and today is a public holiday
        ("03-14", "03-19", False, True),  # missed: made good on a Saturday
        ("03-14", "03-19", True, False),
        ("04-02", "04-02", True, True),  # a make-up working day
    ],
)
def test_requests_leave_on_the_printed_day_or_wait(
    printed: str, today: str, waits: bool, leaves: bool
) -> None:
    """Weekends do not matter, public holidays do, and a plan may always wait for a working day."""
    assert may_leave(day(printed), day(today), DAYS, wait_for_working_day=waits) is leaves


@pytest.mark.parametrize(
    ("sent", "due"),
    [("03-14", "03-16"), ("04-28", "05-05"), ("05-14", "05-17"), ("04-29", "05-06"), ("05-05", "05-07")],
)
def test_answers_are_due_at_half_past_five_on_the_second_working_day(sent: str, due: str) -> None:
    """Counted from the day the request was really sent; on the office's wall."""
    found = due_at(day(sent), DAYS, answer_days=2, answer_time=time(17, 30))
    assert found == instant(day(due), time(17, 30))
    assert (found.hour, found.minute) == (9, 30)  # UTC


@pytest.mark.parametrize(
    ("today", "last", "confirmed", "says"),
    [
        ("03-01", None, False, None),
        ("02-28", None, False, "before the plan's activation"),
        ("02-28", None, True, "before the plan's activation"),
        ("12-31", "12-30", False, None),
        ("04-15", None, False, None),  # exactly 45 days
        ("04-16", None, False, "since the activation"),
        ("04-16", None, True, None),
        ("04-28", "03-14", False, None),
        ("04-29", "03-14", False, "since the last run"),
        ("03-13", "03-14", False, "ran on 2022-03-14 already"),
        ("03-13", "03-14", True, None),
        ("03-14", "03-14", False, None),  # the claim, not the span, keeps a day from running twice
    ],
)
def test_a_plan_says_why_it_does_not_run(
    today: str, last: str | None, confirmed: bool, says: str | None
) -> None:
    """Outside its span never; after a long silence or with a clock gone back only once confirmed."""
    span = Span(day("03-01"), day("12-31"), day(last) if last else None)
    reason = reason_not_to_run(span, day(today), confirmed=confirmed)
    assert (reason is None) if says is None else (reason is not None and says in reason)


def test_after_the_plans_end_no_confirmation_helps_and_the_way_out_is_named() -> None:
    """It names --now and plan shift."""
    reason = reason_not_to_run(Span(day("03-01"), day("12-31"), None), date(2023, 1, 1), confirmed=True)
    assert reason is not None
    assert "--now" in reason
    assert "plan shift" in reason


@pytest.mark.parametrize(
    ("asked", "counted"),
    [
        ("03-14@03-14 03-28@03-28", "03-14 03-28"),
        ("03-14@03-14 a03-14@03-14", "03-14"),  # one mail, one date
        ("03-14@03-14 a03-21@03-21", "03-14 03-21"),  # asked on another day: a round of its own
        ("a03-12@03-14 03-14@03-14", "03-14"),  # missed and made good in the regular round's mail
        ("a03-21@03-23 a03-22@03-23", "03-21"),  # of ad-hoc rounds alone the first names them
        ("03-28@03-30 03-14@03-14", "03-14 03-28"),
        ("", ""),
    ],
)
def test_what_was_asked_in_one_mail_counts_as_one_silent_round(asked: str, counted: str) -> None:
    """Printed date @ the day on which the unit was asked; `a` marks an ad-hoc round."""
    rounds = []
    for one in asked.split():
        printed, _, on = one.removeprefix("a").partition("@")
        rounds.append(Asked(day(printed), day(on), one.startswith("a")))
    assert counted_once(rounds) == tuple(day(text) for text in counted.split())
