"""`eco`: the commands, and what an error looks like."""

import os
import signal
import sys
from functools import cache
from importlib import import_module

import typer

from eco_workflow.cli.common import err
from eco_workflow.cli.start import STOPPED, stopped
from eco_workflow.domain.errors import EcoError, WrongInput
from eco_workflow.stop import Ending, Stop

COMMANDS = {
    "init": "init:init",
    "dispatch": "run:dispatch",
    "follow-up": "run:dispatch",
    "status": "status:status",
    "light": "light:light",
    "ranking": "light:ranking",
    "up": "up:up",
    "health": "health:health",
    "demo": "demo:demo",
    "plan": "hold:app",
    "report": "report:app",
    "item": "due:app",
    "step": "step:app",
    "task": "task:app",
    "inspection": "inspection:app",
    "finding": "finding:app",
    "funding": "funding:app",
    "indicator": "indicator:app",
    "veto": "veto:app",
    "case": "case:app",
    "survey": "survey:app",
    "evidence": "evidence:app",
    "round": "round:app",
    "phase": "phase:app",
    "rhythm": "rhythm:app",
    "info": "info:app",
    "unit": "unit:app",
    "contact": "contact:app",
    "channel": "channel:app",
    "account": "account:app",
    "outbox": "outbox:app",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "audit": "audit:app",
    "calendar": "calendar:app",
}
"""The first word → where it is found. Only the module of the word that was typed is read in: all of them take
as long as most commands do.
"""
OTHERWISE_SAID = {"follow-up": "The same run on any other day: remind, alert, deliver."}


@cache
def commands(only: str | None = None) -> typer.Typer:
    """The command line with one of the `COMMANDS`, or with all of them."""
    eco = typer.Typer(
        help="Drives a prefecture's creation plan: rounds on the 14th and 28th, reminders, supervision.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    eco.callback()(_whichever)
    for word in COMMANDS if only is None else (only,):
        module, _, name = COMMANDS[word].partition(":")
        found = getattr(import_module(f"eco_workflow.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            eco.add_typer(found, name=word)
        else:
            eco.command(word, help=OTHERWISE_SAID.get(word))(found)
    return eco


def _whichever() -> None:
    # Without a callback a lone command would be called without its word.
    ...


def main() -> None:
    """Runs a command. Exit codes: 0 done, 1 failed, 2 wrong input, 130 ctrl-C, 143 SIGTERM."""
    stop = Stop()
    try:
        for word in sys.argv[1:]:
            if not word.isascii() and any("\ud800" <= sign <= "\udfff" for sign in word):
                raise WrongInput(f"{word!a} is not UTF-8 text. Type it again, in a UTF-8 terminal.")
        typed = sys.argv[1] if len(sys.argv) > 1 else None
        with stop.listening(signal.SIGTERM, again_ends=True), stop.breaking():  # as Python does with ctrl-C
            commands(typed if typed in COMMANDS else None)(prog_name="eco")
    except SystemExit as end:
        # Of a ctrl-C within a command Typer has made an exit without a word.
        if end.code == STOPPED:
            stopped()
        raise
    except Ending as end:
        stopped(128 + end.number, end.then)
    except EcoError as error:
        err.print(f"eco: {error}", markup=False, highlight=False)
        sys.exit(error.exit_code)
    except UnicodeEncodeError as error:
        if error.encoding != sys.stdout.encoding:
            raise
        _end_without_output(f"not in {error.encoding}. Set PYTHONIOENCODING=utf-8")
    except OSError as error:
        if not _output_is_stuck():
            raise
        _end_without_output(f"{error.strerror}")


def _output_is_stuck() -> bool:
    """Whether it is standard output that fails: then it fails again."""
    try:
        print(flush=True)  # noqa: T201
    except OSError:
        return True
    return False


def _end_without_output(why: str) -> None:
    err.print(f"eco: The output cannot be written: {why}. What was done stands.", markup=False)
    # The interpreter flushes once more when it ends, and would complain of the same again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


if __name__ == "__main__":
    main()
