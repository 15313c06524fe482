"""Commands that show what would come of them and ask before they do it."""

from typing import Annotated

import typer

from eco_workflow.cli.common import out
from eco_workflow.domain.errors import WrongInput

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def check_can_ask(*, json: bool, yes: bool, look: str = "first without --json") -> None:
    """Raises `WrongInput` for --json without --yes, which cannot ask; `look`: how to see it beforehand."""
    if json and not yes:
        raise WrongInput(f"--json cannot ask. Give --yes with it, and look {look}.")


def ask(question: str) -> None:
    """Asks, and ends the command with 1 where the answer is no."""
    if not typer.confirm(question):
        out.print("Nothing was changed.")
        raise typer.Exit(1)
