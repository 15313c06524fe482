"""`eco plan hold`, `release` and `trial`: whether a plan sends at all, and to whom."""

from typing import Annotated

import typer

from eco_workflow.cli import plan as plans
from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.common import out
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import WrongInput
from eco_workflow.services import hold as holds
from eco_workflow.services import trial as trials

app = plans.app


@act(app)
def hold(
    desk: Desk,
    reason: Annotated[str, typer.Option(help="Why; the units read it when their due times move.")] = "",
) -> None:
    """Stop all sending of a plan at once; its held days do not count."""
    done = holds.hold(desk.database, reason, now=desk.now, by=desk.by, plan=desk.plan)
    said = f"{done.plan} is held since {done.since}: nothing is sent. Let it go on: eco plan release"
    desk.tell(done, lambda _: out.print(said))


@act(app)
def release(desk: Desk) -> None:
    """Let a held plan go on; due times that were open move."""
    done = holds.release(desk.database, desk.days, now=desk.now, by=desk.by, plan=desk.plan)
    said = (
        f"{done.plan} goes on from {done.until}. Held since {done.since}: "
        f"{counted(done.working_days, 'working day')}; "
        f"{counted(done.moved, 'answer is', 'answers are')} due later."
    )
    desk.tell(done, lambda _: out.print(said))


@act(app)
def trial(
    desk: Desk,
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="The mailbox that gets every message.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="End it: people are asked and told anew.")] = False,
) -> None:
    """Send every message of a plan to one test mailbox, marked 试运行, or end that."""
    if (address is None) != off:
        raise WrongInput("Say either an ADDRESS or --off.")
    if address is None:
        done = trials.end(desk.database, now=desk.now, by=desk.by, plan=desk.plan)
    else:
        done = trials.start(desk.database, address, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, _on_trial)


def _on_trial(done: trials.Trial) -> None:
    if done.mailbox:
        out.print(f"{done.plan} is on trial: every message goes to {done.mailbox}, marked 试运行.")
    else:
        out.print(
            f"{done.plan} is in earnest: {counted(done.undone, 'message')} of the trial undone, "
            "the next run asks and tells people anew."
        )
