"""When a claimed indicator is late, and what spares it."""

from datetime import date
from typing import Any

import pytest

from eco_workflow.domain.overdue import Owed, falls_short, office_falls_short, review_is_late
from eco_workflow.services.calendar import published_calendar

JUNE = date(2022, 6, 14)


@pytest.mark.parametrize(
    ("more", "late"),
    [
        ({}, True),
        ({"listed": True}, False),  # past due at activation, and nobody has settled it
        ({"clock_from": date(2022, 6, 15)}, False),  # due just after activation
        ({"clock_from": JUNE}, True),
        ({"extension_pending": True}, False),  # granted, it moves the date of this clock too
        ({"due_on": JUNE}, False),
        ({"state": "closed"}, False),
        ({"state": "in_progress"}, False),  # the task clock's
        ({"role": "data_provider"}, False),
    ],
)
def test_a_claim_not_shown_to_be_met_is_late_after_its_due_date_but_for_what_activation_spares(
    more: dict[str, Any], late: bool
) -> None:
    facts = {"role": "lead", "state": "completed", "due_on": date(2022, 5, 31), **more}
    assert falls_short(Owed(**facts), JUNE, verdict="undetermined", owed_by="unit") is late


def test_the_office_is_late_on_an_indicator_by_the_first_lead_unit_s_date_that_has_passed() -> None:
    """Data providers' dates say nothing where a unit leads; a lead that is spared does not make it late."""
    may, july = date(2022, 5, 31), date(2022, 7, 1)
    provider = Owed("data_provider", "in_progress", may)
    early, later = Owed("lead", "in_progress", may), Owed("lead", "completed", july)
    asked = Owed("lead", "in_progress", may, extension_pending=True)
    for owing, late in (
        ([later, early], True), ([later, provider], False), ([asked, provider], False), ([provider], True),
        ([Owed("lead", "not_applicable", may), provider], True), ([], False),
    ):  # fmt: skip
        assert office_falls_short(owing, JUNE, verdict="undetermined", owed_by="office") is late
    assert not office_falls_short([early], JUNE, verdict="undetermined", owed_by="unit")
    assert not office_falls_short([early], JUNE, verdict="met", owed_by="office")


@pytest.mark.parametrize(
    ("waiting", "drafts", "late"),
    [
        ([], [], False),
        ([date(2022, 5, 30)], [], False),  # ten working days: 3 June is a holiday
        ([date(2022, 6, 13), date(2022, 5, 27)], [], True),
        ([], [date(2022, 6, 13)], False),
        ([], [date(2022, 6, 10)], True),
    ],
)
def test_the_office_is_late_with_what_has_waited_eleven_working_days_or_a_draft_two(
    waiting: list[date], drafts: list[date], late: bool
) -> None:
    assert review_is_late(waiting, drafts, JUNE, published_calendar(), review_days=10) is late
