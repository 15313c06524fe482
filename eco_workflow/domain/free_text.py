"""What a person writes: its length and its signs, since it stands in somebody's mail."""

import re

from eco_workflow.domain.errors import WrongInput

LONGEST = 2000
"""Characters of a note, a blocker, a reason: about two pages."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSAFE = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def in_one_line(text: str) -> str:
    """The text without line breaks or other control characters that forge a line or drive a terminal, and
    without signs that turn the reading direction.
    """
    return _UNSAFE.sub("", _BREAKS.sub(" ", text))


LONGEST_PAPER = 20_000
"""Characters of minutes or of an issue: about twenty pages."""


def bounded(text: str, option: str, longest: int = LONGEST) -> str:
    """The text in one line, without blanks around it. Raises `WrongInput` naming the option and the limit."""
    text = in_one_line(text).strip()
    if len(text) > longest:
        raise WrongInput(
            f"{option} is {len(text)} characters long, and at most {longest} are taken. Shorten it."
        )
    return text
