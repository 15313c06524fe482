"""`eco evidence`: files that prove what items require: brought, reviewed, missing, still what they were."""

from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.common import (
    Eyes,
    ItemCode,
    Json,
    PlanCode,
    acting_in_all,
    looking,
    on_the_wall,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.evidence import STATES, years_wanted
from eco_workflow.domain.roles import Action
from eco_workflow.settings import read_settings
from eco_workflow.store.session import Database

app = typer.Typer(
    help="Evidence: add, list, gaps, review. No classified content: 涉密信息不得填报.",
    no_args_is_help=True,
)

Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, max=2**31 - 1, help="The evidence's number, from the list.")
]
Reason = Annotated[str, typer.Option(help="Why; the unit is told.")]

WHY = {
    "none": "nothing was brought",
    "pending": "waits for review",
    "returned": "was returned",
    "other_year": "what was brought is of {of_year}",
}


def _plan_of(database: Database, given: dict[str, Any]) -> str:
    """Evidence is numbered across plans: who acts is looked up in its own."""
    from eco_workflow.services.evidence_review import plan_of

    with database.read() as session:
        return plan_of(session, given["number"])


@act(app)
def add(
    desk: Desk,
    item: ItemCode,
    requirement: Annotated[str, typer.Argument(metavar="REQUIREMENT", help="Its id in the item, e.g. E1.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The file; it is copied, nothing in it is opened.")
    ],
    year: Annotated[
        int | None, typer.Option(help="The year that the data are of; indicators need it.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Which unit brought it, where the office records it.")
    ] = None,
    note: Annotated[str, typer.Option(help="What to know about it.")] = "",
) -> None:
    """Bring a file as evidence. No classified content: 涉密信息不得填报."""
    from eco_workflow.services import evidence

    made = evidence.add(
        desk.database, read_settings(), item, requirement, file, year=year, unit=unit, note=note,
        now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(made, lambda _: _print_added(made))


def _in_vain(made: Any) -> str:
    """A line more on data of a year that proves nothing."""
    if not made.wanted_instead:
        return ""
    return f"\nIt is of {made.year} and proves nothing here: wanted is {made.wanted_instead}."


def _print_added(made: Any) -> None:
    of = f" of {made.year}" if made.year else ""
    out.print(
        f"Evidence {made.number}: {made.item} {made.requirement} {made.title}{of}, version {made.version}, "
        f"{made.name} ({made.size} bytes, sha256 {made.digest[:12]}…), waits for review.{_in_vain(made)}",
        markup=False,
        highlight=False,
    )
    if made.on_behalf:
        out.print(f"Recorded on behalf of {made.unit}.", markup=False, highlight=False)


@app.command("list")
def list_(
    item: Annotated[str | None, typer.Argument(metavar="[ITEM]", help="Only this item's, e.g. I07.")] = None,
    state: Annotated[str | None, typer.Option(help=f"Only {', '.join(STATES)}.")] = None,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List what was brought, item by item, and what became of it."""
    from eco_workflow.services.evidence_shown import listed

    if state is not None and state not in STATES:
        raise WrongInput(f"--state {state!r} is none of {', '.join(STATES)}.")
    with open_database().read() as session:
        rows = listed(session, looking(session, plan, as_), plan=plan, item=item, state=state)
    if json:
        print_json([vars(row) for row in rows])
        return
    shown = table("Evidence", "number", "proves", "year", "v", "unit", "file", "state", "by", "reason")
    for row in rows:
        shown.add_row(
            str(row.number), f"{row.item} {row.requirement} {row.title}", str(row.year or ""),
            str(row.version), row.unit, row.name, row.state, row.decided_by, row.reason,
        )  # fmt: skip
    out.print(shown, markup=False)


@app.command()
def show(
    number: Number,
    to: Annotated[str | None, typer.Option(metavar="FILE", help="Write the content into a new file.")] = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """Show one piece of evidence; with --to take its content out, checked against its digest."""
    from eco_workflow.services.evidence_review import plan_of
    from eco_workflow.services.evidence_shown import hand_out, one

    with open_database().read() as session:
        viewer = looking(session, plan_of(session, number), as_)
        row = one(session, viewer, number)
        if to is not None:
            hand_out(session, viewer, read_settings(), number, to)
    if json:
        print_json(vars(row))
        return
    for name, value in vars(row).items():
        said = on_the_wall(value) if name == "added_at" else value
        if said not in (None, "", False):
            out.print(f"{name.replace('_', ' ')}: {said}", markup=False, highlight=False)


@app.command()
def gaps(
    item: Annotated[list[str] | None, typer.Option(help="Only this item's; may be given again.")] = None,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List what is still to be proven: item × year of data × requirement, and who owes it."""
    from eco_workflow.services.find import item_named, plan_named
    from eco_workflow.services.gaps import gaps as missing

    with open_database().read() as session:
        row = plan_named(session, plan)
        items = [item_named(session, row, code).code for code in item] if item else None
        found = missing(session, row, items, looking(session, plan, as_))
    if json:
        print_json([vars(gap) for gap in found])
        return
    if not found:
        out.print("Nothing is missing.")
        return
    shown = table(counted(len(found), "gap"), "item", "requirement", "year", "due", "units", "why")
    for gap in found:
        year = years_wanted(gap.year, gap.or_newer) if gap.year else ""
        shown.add_row(
            gap.item, f"{gap.requirement} {gap.title}", year, str(gap.due_on or ""), "、".join(gap.units),
            WHY[gap.why].format(of_year=gap.of_year),
        )  # fmt: skip
    out.print(shown, markup=False)


@act(app, plan_of=_plan_of)
def review(
    desk: Desk,
    number: Number,
    decision: Annotated[str, typer.Argument(metavar="accept|return", help="What the office decides.")],
    reason: Annotated[str, typer.Option(help="Why it is returned; the unit is told.")] = "",
) -> None:
    """Accept a file, or return it with a reason."""
    from eco_workflow.services import evidence_review

    if decision == "accept" and not reason:
        done = evidence_review.accept(desk.database, read_settings(), number, now=desk.now, by=desk.by)
    elif decision == "return":
        done = evidence_review.return_(desk.database, number, reason, now=desk.now, by=desk.by)
    else:
        raise WrongInput("Say accept, or return with --reason.")
    desk.tell(
        done,
        lambda _: out.print(
            f"Evidence {number}, {done.item} {done.requirement} of {done.unit}: {done.state}."
            f"{_in_vain(done)}",
            markup=False,
            highlight=False,
        ),
    )


@act(app, plan_of=_plan_of)
def quarantine(desk: Desk, number: Number, reason: Reason) -> None:
    """Remove content that must not be here, wherever it stands; its digest is kept."""
    from eco_workflow.services import evidence_review

    done = evidence_review.quarantine(
        desk.database, read_settings(), number, reason, now=desk.now, by=desk.by
    )
    numbers = ", ".join(str(one.number) for one in done.evidence)
    gone = "removed" if done.removed else "was gone already"
    desk.tell(
        done,
        lambda _: out.print(
            f"Evidence {numbers}: in quarantine, content {gone}, sha256 {done.digest}. "
            "Backups made before hold it still: remove them by hand.",
            highlight=False,
        ),
    )


@app.command()
def verify(as_: Eyes = None, json: Json = False) -> None:
    """Read every file and compare it with its digest; exit 1 when something is wrong."""
    from eco_workflow.services import evidence_shown

    settings = read_settings()
    database = open_database(settings)
    acting_in_all(database, Action.BACK_UP, as_)
    found = evidence_shown.verify(database, settings)
    if json:
        print_json(found)
    else:
        out.print(
            f"{counted(found.whole, 'file')} whole, {counted(found.unnamed, 'file')} that no row names.",
            highlight=False,
        )
    wrong = []
    if found.damaged:
        wrong.append(f"missing or damaged: {', '.join(found.damaged)}; restore a backup")
    if found.returned:
        wrong.append(f"returned, and missing or damaged: {', '.join(found.returned)}; nothing rests on it")
    if found.not_removed:
        names = ", ".join(found.not_removed)
        wrong.append(f"in quarantine and still there: {names}; say the quarantine again")
    if wrong:
        raise Refused("The evidence is not as recorded: " + "; ".join(wrong) + ".")
