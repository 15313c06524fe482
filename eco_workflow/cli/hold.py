"""`eco plan hold`, `release` and `trial`: whether a plan sends at all, and to whom."""

from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, PlanCode, acting, open_database, out, print_json
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import WrongInput


def hold(
    reason: Annotated[str, typer.Option(help="Why; the units read it when their due times move.")] = "",
    plan: PlanCode = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Stop all sending of a plan at once; its held days do not count."""
    from eco_workflow.services import hold

    database = open_database()
    by = acting(database, plan, as_)
    held = hold.hold(database, reason, now=now_or(now), by=by, plan=plan)
    if json:
        print_json(held)
    else:
        out.print(f"{held.plan} is held since {held.since}: nothing is sent. Let it go on: eco plan release")


def release(plan: PlanCode = None, now: Now = None, as_: As = None, json: Json = False) -> None:
    """Let a held plan go on; due times that were open move."""
    from eco_workflow.services import hold
    from eco_workflow.services.calendar import published_calendar

    database = open_database()
    by = acting(database, plan, as_)
    done = hold.release(database, published_calendar(), now=now_or(now), by=by, plan=plan)
    if json:
        print_json(done)
    else:
        out.print(
            f"{done.plan} goes on from {done.until}. Held since {done.since}: "
            f"{counted(done.working_days, 'working day')}; "
            f"{counted(done.moved, 'answer is', 'answers are')} due later."
        )


def trial(
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="The mailbox that gets every message.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="End it: people are asked and told anew.")] = False,
    plan: PlanCode = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Send every message of a plan to one test mailbox, marked 试运行, or end that."""
    from eco_workflow.services import trial

    if (address is None) != off:
        raise WrongInput("Say either an ADDRESS or --off.")
    database = open_database()
    by = acting(database, plan, as_)
    if address is None:
        done = trial.end(database, now=now_or(now), by=by, plan=plan)
    else:
        done = trial.start(database, address, now=now_or(now), by=by, plan=plan)
    if json:
        print_json(done)
    elif done.mailbox:
        out.print(f"{done.plan} is on trial: every message goes to {done.mailbox}, marked 试运行.")
    else:
        out.print(
            f"{done.plan} is in earnest: {counted(done.undone, 'message')} of the trial undone, "
            "the next run asks and tells people anew."
        )
