"""English for operators: a number with its noun, and what a mistyped word may have meant."""

import difflib
from collections.abc import Iterable


def counted(number: int, one: str, many: str = "") -> str:
    """`1 unit`, `2 units`; `many` where the plural takes more than an s: `2 units are`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def near(text: str, known: Iterable[str], *, otherwise: str) -> str:
    """The known words most like the text as a question, or `otherwise`, which says where to look."""
    found = difflib.get_close_matches(text, known, n=3, cutoff=0.4)
    return f"Did you mean {', '.join(found)}?" if found else otherwise
