"""What programs read, the same from commands, addresses and logs."""

import dataclasses
import json
from datetime import datetime
from typing import Any

from eco_workflow.domain.clock import ZONE


def as_json(value: Any, indent: int | None = 2) -> str:
    """One JSON document: dates as dates, instants in ISO 8601 with the office's offset."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_written)


def _written(value: object) -> str:
    return value.astimezone(ZONE).isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
