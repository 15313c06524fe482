"""What a person or another system says: its length and its signs, since it stands in somebody's mail."""

from eco_workflow.domain.errors import WrongInput

LONGEST = 2000
"""Characters of a note, a blocker, a reason: about two pages."""

LONGEST_PAPER = 20_000
"""Characters of minutes or of an issue: about twenty pages."""

_BREAKS = frozenset("\n\r\t")


def bounded(text: str, option: str, longest: int = LONGEST) -> str:
    """The text without blanks around it. Raises `WrongInput` naming the option, for one beyond the limit or
    with signs that forge a line, turn the reading direction or drive a terminal.
    """
    text = text.strip()
    if len(text) > longest:
        raise WrongInput(
            f"{option} is {len(text)} characters long, and at most {longest} are taken. Shorten it."
        )
    if hidden := next((sign for sign in text if not sign.isprintable() and sign not in _BREAKS), None):
        raise WrongInput(f"{option} holds a sign that cannot be printed, {hidden!a}. Leave it away.")
    return text


def on_a_line(text: str, longest: int) -> str:
    """What another system said, on one line: signs that cannot be printed become blanks, the rest is cut off
    with a mark. Nothing is refused.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
