"""`eco unit`: what changes about the units themselves."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.asking import Yes, ask, check_can_ask
from eco_workflow.cli.common import UnitName, out
from eco_workflow.domain.english import counted
from eco_workflow.services.merge_units import Merged
from eco_workflow.services.merge_units import merge as merge_
from eco_workflow.services.rename_unit import Renamed
from eco_workflow.services.rename_unit import rename as rename_
from eco_workflow.services.split_unit import GIVEN, Split
from eco_workflow.services.split_unit import split as split_

Done = TypeVar("Done", Merged, Split)

app = typer.Typer(help="Units: rename, merge, split. They are listed by: eco plan show", no_args_is_help=True)


@act(app)
def rename(
    desk: Desk,
    unit: UnitName,
    new_name: Annotated[str, typer.Argument(metavar="NEW_NAME", help="The official name from today on.")],
    short: Annotated[
        str | None, typer.Option(help="The short name; otherwise it is the official one.")
    ] = None,
) -> None:
    """Give a unit another name: it is found by the old one still, and what was asked stays as it was."""
    done = rename_(desk.database, unit, new_name, short=short, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, _renamed)


def _renamed(done: Renamed) -> None:
    out.print(
        f"{done.unit}: {done.old_name} is called {done.name} ({done.short}) from {done.since} on; "
        "its people and the office are told.",
        highlight=False,
    )


@act(app)
def merge(
    desk: Desk,
    from_: Annotated[str, typer.Argument(metavar="FROM", help="The unit that ends: code, name or alias.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The unit that takes over.")],
    yes: Yes = False,
) -> None:
    """Merge a unit into another: what it owes moves on, what it failed to do stays with it.

    Shows what would come of it and asks.
    """
    do = partial(merge_, desk.database, from_, into, now=desk.now, by=desk.by, plan=desk.plan)
    _ask_first(desk, yes, do, _merged, "Merge them?")


def _merged(done: Merged) -> None:
    out.print(
        f"{done.predecessor} is merged into {done.successor}: {counted(done.moved, 'obligation')} moved, "
        f"{done.kept} owed there before, {counted(done.closed, 'open case')} closed and kept on record. "
        f"The successor is asked from the next round on."
    )


@act(app)
def split(
    desk: Desk,
    unit: UnitName,
    give: Annotated[
        list[str] | None,
        typer.Option(metavar="ITEMS:UNIT", help=f"Who takes over what: {GIVEN}; again for more."),
    ] = None,
    rest: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Who takes over all that is not named; else it stays.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Deal a unit's items out to other units: what it failed to do stays with it.

    Shows what would come of it and asks.
    """
    do = partial(split_, desk.database, unit, give or (), rest=rest, now=desk.now, by=desk.by, plan=desk.plan)
    _ask_first(desk, yes, do, _split, "Deal them out?")


def _split(done: Split) -> None:
    for share in done.shares:
        owed = f", {share.kept} owed there before" if share.kept else ""
        out.print(f"{done.unit} → {share.successor}: {', '.join(share.items)}{owed}.", highlight=False)
    out.print(
        f"{', '.join(done.stays) or 'Nothing'} stays with {done.unit}; "
        f"{counted(done.closed, 'open case')} closed and kept on record there. "
        "The receivers are asked from the next round on.",
        highlight=False,
    )


def _ask_first(
    desk: Desk, yes: bool, do: Callable[..., Done], show: Callable[[Done], None], question: str
) -> None:
    """Shows what an act would come to and asks, unless it is agreed to; then does it and tells it."""
    check_can_ask(json=desk.json, yes=yes)
    if not yes:
        looked = do(kept=False)
        out.print("Nothing is changed yet. It would come to this:")
        show(looked)
        ask(question)
    desk.tell(do(), show)
