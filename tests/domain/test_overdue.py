"""When a claimed indicator is late, and what spares it."""

from datetime import date
from typing import Any

import pytest

from eco_workflow.domain.overdue import Owed, falls_short

JUNE = date(2022, 6, 14)


@pytest.mark.parametrize(
    ("more", "late"),
    [
        ({}, True),
        ({"listed": True}, False),  # past due at activation, and nobody has settled it
        ({"clock_from": date(2022, 6, 15)}, False),  # due just after activation
        ({"clock_from": JUNE}, True),
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
