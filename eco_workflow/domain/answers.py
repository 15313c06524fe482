"""What a unit may answer, checked before anything is written (DOMAIN 3.4)."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from eco_workflow.domain.errors import WrongInput

STATUSES = ("not_started", "in_progress", "completed")
PERIOD = re.compile(r"\d{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class Answer:
    """An answer to one entry: status, an exact decimal with its reference period, note, blocker.

    `no_change` repeats the unit's last answer; nothing else is given with it.
    """

    status: str = ""
    value: str = ""
    period: str = ""
    note: str = ""
    blocker: str = ""
    no_change: bool = False


def checked(answer: Answer) -> Answer:
    """The answer with its value in plain decimal notation. Raises `WrongInput` naming what is wrong."""
    if answer.no_change:
        if answer != Answer(no_change=True):
            raise WrongInput("--no-change repeats the last answer; give nothing else with it.")
        return answer
    if answer.status not in STATUSES:
        raise WrongInput(f"--status {answer.status!r} is none of {', '.join(STATUSES)} (or use --no-change).")
    if bool(answer.value) != bool(answer.period):
        missing = "--period (e.g. 2021, 2022-Q1 or 2022-05)" if answer.value else "--value"
        raise WrongInput(f"A value goes with its reference period: {missing} is missing.")
    if answer.period and not PERIOD.fullmatch(answer.period):
        raise WrongInput(
            f"--period {answer.period!r} is no reference period. Write 2021, 2022-Q1 or 2022-05."
        )
    return Answer(
        status=answer.status,
        value=_decimal(answer.value),
        period=answer.period,
        note=answer.note.strip(),
        blocker=answer.blocker.strip(),
    )


def _decimal(text: str) -> str:
    if not text:
        return ""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise WrongInput(f"--value {text!r} is no number. Write it plainly, e.g. 95.3, without unit or %.")
    return f"{value:f}"
