"""How long what a person writes may be: it stands whole in somebody's mail."""

from eco_workflow.domain.errors import WrongInput

LONGEST = 2000
"""Characters of a note, a blocker, a reason: about two pages."""


LONGEST_PAPER = 20_000
"""Characters of minutes or of an issue: about twenty pages."""


def bounded(text: str, option: str, longest: int = LONGEST) -> str:
    """The text without blanks around it. Raises `WrongInput` naming the option and the limit."""
    text = text.strip()
    if len(text) > longest:
        raise WrongInput(
            f"{option} is {len(text)} characters long, and at most {longest} are taken. Shorten it."
        )
    return text
