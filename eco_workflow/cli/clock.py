"""The edge at which the clock is read; everything below is told the time."""

from datetime import UTC, datetime

from eco_workflow.domain.clock import read_instant


def now_or(given: str | None) -> datetime:
    """The instant an operator named with `--now`, else this moment; aware, in UTC."""
    return read_instant(given) if given else datetime.now(UTC)  # noqa: TID251 (the edge)
