"""What waits for the office's decision, as `eco status` and `eco case show` print it."""

from typing import Any

WAITS = {
    "answer": "answers to review",
    "step": "steps to confirm",
    "extension": "extensions to decide",
    "proposal": "dates and targets to confirm",
    "summary": "summaries to release",
}


def waiting_line(one: dict[str, Any]) -> str:
    """One kind of it: how many, since when, how long it may wait."""
    return (
        f"Waits: {one['count']} {WAITS[one['kind']]}, the oldest since {one['since']}, "
        f"{one['waited']} working days ({one['within']} allowed)"
    )
