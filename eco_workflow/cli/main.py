"""`eco`: the commands, and what an error looks like."""

import os
import sys

import typer

from eco_workflow.cli import (
    account,
    audit,
    backup,
    calendar,
    case,
    channel,
    contact,
    demo,
    due,
    health,
    hold,
    indicator,
    init,
    light,
    outbox,
    report,
    run,
    status,
    step,
    unit,
    up,
)
from eco_workflow.cli import round as rounds
from eco_workflow.cli.common import err
from eco_workflow.domain.errors import EcoError, WrongInput

app = typer.Typer(
    help="Drives a prefecture's creation plan: rounds on the 14th and 28th, reminders, supervision.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("init")(init.init)
app.command("dispatch")(run.dispatch)
app.command("follow-up", help="The same run on any other day: remind, alert, deliver.")(run.dispatch)
app.command("status")(status.status)
app.command("light")(light.light)
app.command("ranking")(light.ranking)
app.command("up")(up.up)
app.command("health")(health.health)
app.command("demo")(demo.demo)
app.add_typer(hold.app, name="plan")
app.add_typer(report.app, name="report")
app.add_typer(due.app, name="item")
app.add_typer(step.app, name="step")
app.add_typer(indicator.app, name="indicator")
app.add_typer(case.app, name="case")
app.add_typer(rounds.app, name="round")
app.add_typer(unit.app, name="unit")
app.add_typer(contact.app, name="contact")
app.add_typer(channel.app, name="channel")
app.add_typer(account.app, name="account")
app.add_typer(outbox.app, name="outbox")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(audit.app, name="audit")
app.add_typer(calendar.app, name="calendar")


def main() -> None:
    """Runs a command. Exit codes: 0 done, 1 failed, 2 wrong input."""
    try:
        for word in sys.argv[1:]:
            if not word.isascii() and any("\ud800" <= sign <= "\udfff" for sign in word):
                raise WrongInput(f"{word!a} is not UTF-8 text. Type it again, in a UTF-8 terminal.")
        app()
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
