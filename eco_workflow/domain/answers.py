"""What a unit may answer, checked before anything is written (DOMAIN 3.4)."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from eco_workflow.domain.errors import WrongInput

STATUSES = ("not_started", "in_progress", "completed")
OWED = ("awaiting", "returned")
"""States of an entry that the unit still owes an answer to; SQL spells them out."""
ANSWERED = ("submitted", "accepted")
PERIOD = re.compile(r"[0-9]{4}(-Q[1-4]|-(0[1-9]|1[0-2]))?")
NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
"""Plain notation, bounded: 1e999999 is short to write and a megabyte to keep."""


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
    value, period = _half_width(answer.value), _half_width(answer.period)
    if bool(value) != bool(period):
        missing = "--period (e.g. 2021, 2022-Q1 or 2022-05)" if value else "--value"
        raise WrongInput(f"A value goes with its reference period: {missing} is missing.")
    if period and not PERIOD.fullmatch(period):
        raise WrongInput(
            f"--period {answer.period!r} is no reference period. Write 2021, 2022-Q1 or 2022-05."
        )
    return Answer(
        status=answer.status,
        value=_decimal(value),
        period=period,
        note=answer.note.strip(),
        blocker=answer.blocker.strip(),
    )


def _half_width(text: str) -> str:
    """As typed with a Chinese keyboard: full-width digits are digits, spaces around them are nothing."""
    return unicodedata.normalize("NFKC", text).strip()


def _decimal(text: str) -> str:
    if not text:
        return ""
    if not NUMBER.fullmatch(text):
        shown = repr(text if len(text) <= 40 else text[:39] + "…")
        raise WrongInput(
            f"--value {shown} is no number. Write it plainly, e.g. 95.3, without unit or %, "
            "at most 20 digits before and after the point."
        )
    return f"{Decimal(text):f}"
