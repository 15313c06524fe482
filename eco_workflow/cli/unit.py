"""`eco unit`: what changes about the units themselves."""

from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import As, Json, Now, PlanCode, acting, open_database, out, print_json
from eco_workflow.domain.english import counted

app = typer.Typer(help="Units of the plan.", no_args_is_help=True)


@app.callback()
def units() -> None:
    """Units of the plan."""


@app.command()
def merge(
    from_: Annotated[str, typer.Argument(metavar="FROM", help="The unit that ends: code, name or alias.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The unit that takes over.")],
    plan: PlanCode = None,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Merge a unit into another: what it owes moves on, what it failed to do stays with it."""
    from eco_workflow.services.merge_units import merge as merge_

    database = open_database()
    by = acting(database, plan, as_)
    done = merge_(database, from_, into, now=now_or(now), by=by, plan=plan)
    if json:
        print_json(done)
        return
    out.print(
        f"{done.predecessor} is merged into {done.successor}: {counted(done.moved, 'obligation')} moved, "
        f"{done.kept} owed there before, {counted(done.closed, 'open case')} closed and kept on record. "
        f"The successor is asked from the next round on."
    )
