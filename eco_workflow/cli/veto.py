"""`eco veto`: what was declared as occurred: look, confirm, mark an error, clear."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    Eyes,
    ItemCode,
    Json,
    Now,
    PlanCode,
    UnitName,
    looking,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.english import counted

app = typer.Typer(
    help="Veto items declared as occurred: they hold the gate until decided.", no_args_is_help=True
)

Declared = Annotated[
    str | None, typer.Option("--declared", help="The day of the declaration, where a unit has several.")
]
Reason = Annotated[str, typer.Option(help="Why; the unit and the offices read it.")]


@app.command("list")
def list_(
    everything: Annotated[
        bool, typer.Option("--all", help="Errors, cleared ones and those taken back too.")
    ] = False,
    plan: PlanCode = None,
    now: Now = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List what is pending or confirmed, who decides it and by when."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.vetoes import listed

    with open_database().read() as session:
        eyes = looking(session, plan, as_)
        rows = listed(
            session, eyes, plan=plan, everything=everything, now=now_or(now), days=published_in(session)
        )
    if json:
        print_json(rows)
        return
    shown = table("Veto items", "item", "unit", "declared", "state", "")
    for row in rows:
        shown.add_row(
            f"{row['item']} {row['title']}",
            row["unit"],
            str(row["declared_on"]),
            row["state"],
            what_follows(row),
        )
    out.print(shown)


def what_follows(row: dict[str, Any]) -> str:
    """What was decided of a declaration, or who decides it by when."""
    if row["state"] == "pending":
        late = f", {counted(row['days_late'], 'working day')} late" if row["days_late"] else ""
        return f"{row['decides']} decides by {row['decide_by']}{late}"
    decided = f"{row['decided_by']} on {row['decided_on']}: {row['why']}" if row["decided_on"] else ""
    if row["state"] == "cleared":
        return f"{decided}; cleared by {row['cleared_by']} on {row['cleared_on']}: {row['document']}"
    return decided


@act(app)
def confirm(
    desk: Desk, item: ItemCode, unit: UnitName, reason: Reason = "", declared: Declared = None
) -> None:
    """Confirm that it occurred; the supervision office hears at once and brings it to the leaders."""
    from eco_workflow.services.decide_veto import Decided
    from eco_workflow.services.decide_veto import confirm as confirm_

    def say(done: Decided) -> None:
        out.print(
            f"{done.item} of {done.unit}, declared on {done.declared_on}, is confirmed: it blocks the "
            "application until a leader clears it.",
            highlight=False,
        )
        if done.told_at_once:
            out.print("The supervision office and the unit are told at once. See: eco outbox list")
        out.print(f"Bring it on paper to: {'、'.join(done.to) or 'head and deputies'}", highlight=False)

    _decide(confirm_, desk, item, unit, reason, declared, say)


@act(app)
def error(desk: Desk, item: ItemCode, unit: UnitName, reason: Reason = "", declared: Declared = None) -> None:
    """Mark a declaration as an error; the unit is told at once and why."""
    from eco_workflow.services.decide_veto import Decided, mark_error

    def say(done: Decided) -> None:
        which = f"{done.item} of {done.unit}, declared on {done.declared_on}"
        out.print(f"{which}, is an error: it holds nothing up.", highlight=False)

    _decide(mark_error, desk, item, unit, reason, declared, say)


@act(app)
def clear(
    desk: Desk,
    item: ItemCode,
    unit: UnitName,
    document: Annotated[str, typer.Option(help="The paper's name, number and date.")] = "",
    declared: Declared = None,
) -> None:
    """Clear a confirmed one by a document, as a leader who is not of the host bureau."""
    from eco_workflow.services.clear_veto import Cleared
    from eco_workflow.services.clear_veto import clear as clear_

    def say(done: Cleared) -> None:
        said = f"{done.item} of {done.unit}, declared on {done.declared_on}, is cleared by: {done.document}"
        out.print(said, markup=False, highlight=False)

    _decide(clear_, desk, item, unit, document, declared, say)


def _decide(
    decide: Callable[..., Any],
    desk: Desk,
    item: str,
    unit: str,
    why: str,
    declared: str | None,
    say: Callable[[Any], None],
) -> None:
    """Decides, hands over at once what tells of it, and says what was decided."""
    from eco_workflow.settings import read_settings
    from flows.wiring import post_office

    day = read_date(declared, "--declared") if declared else None
    with post_office(read_settings(), desk.now):
        pass  # A mail setting that cannot be used is said before anything is written.
    done = decide(desk.database, item, unit, why, declared=day, now=desk.now, by=desk.by, plan=desk.plan)
    desk.send_and_tell(done, say)
