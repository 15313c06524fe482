"""The edge at which the clock is read; everything below is told the time."""

from datetime import UTC, datetime

from eco_workflow.domain.clock import YEARS, read_instant
from eco_workflow.domain.errors import WrongInput


def now_or(given: str | None) -> datetime:
    """The instant an operator named with `--now`, else this moment; aware, in UTC."""
    if given is None:
        return datetime.now(UTC)  # noqa: TID251 (the edge)
    try:
        moment = read_instant(given)
    except OverflowError:
        moment = datetime.max.replace(tzinfo=UTC)
    if moment.year not in YEARS:
        raise WrongInput(f"--now {given!r} lies in no year that a plan runs in. Correct the year.")
    return moment
