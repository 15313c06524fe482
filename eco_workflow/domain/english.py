"""English for operators: codes in words, a number with its noun, what a mistyped word may have meant."""

import difflib
from collections.abc import Iterable, Sequence

PAPER = {
    "supervision_order": "supervision order",
    "letter_of_request": "letter of request",
    "report_above": "report to the leader above",
    "supervision_report": "supervision report",
    "accountability_file": "accountability file",
    "resolution_note": "note of resolution",
}
"""The kinds of paper that a case calls for."""

WITHOUT_ITEM = {"report": "answers owed", "review": "decisions owed"}
"""What a case without an item is about, by its clock."""


def ended(why: str) -> str:
    """Why a case closed, without the row that it names: `answered:7` is `answered`."""
    return why.partition(":")[0].replace("_", " ")


def counted(number: int, one: str, many: str = "") -> str:
    """`1 unit`, `2 units`; `many` where the plural takes more than an s: `2 units are`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def sized(count: int) -> str:
    """`1.2 MB`, `48 KB`, `900 bytes`: millions and thousands of bytes."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{count // 1_000} KB" if count >= 1_000 else counted(count, "byte")


def in_a_row(said: Sequence[str]) -> str:
    """Sentences in one line: a full stop stands behind the last alone, where it has one."""
    return "; ".join([*(one.rstrip(".") for one in said[:-1]), *said[-1:]])


def near(text: str, known: Iterable[str], *, otherwise: str) -> str:
    """The known words most like the text as a question, or `otherwise`, which says where to look."""
    found = difflib.get_close_matches(text, known, n=3, cutoff=0.4)
    return f"Did you mean {', '.join(found)}?" if found else otherwise
