"""What waits for the office's decision, as `eco status` and `eco case show` print it."""

from typing import Any

from eco_workflow.domain.english import counted

WAITS = {
    "answer": ("answer", "answers", "to review"),
    "step": ("step", "steps", "to confirm"),
    "extension": ("extension", "extensions", "to decide"),
    "proposal": ("date and target", "dates and targets", "to confirm"),
    "evidence": ("file of evidence", "files of evidence", "to review"),
    "summary": ("summary", "summaries", "to release"),
}


def waiting_line(one: dict[str, Any]) -> str:
    """One kind of it: how many, since when, how long it may wait."""
    single, plural, what = WAITS[one["kind"]]
    return (
        f"Waits: {counted(one['count'], single, plural)} {what}, the oldest since {one['since']}, "
        f"{counted(one['waited'], 'working day')} ({one['within']} allowed)"
    )
