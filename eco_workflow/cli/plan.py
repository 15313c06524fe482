"""`eco plan`: the plan that runs here, and plan files: check, show, compare, load, shift."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eco_workflow.cli.asking import Yes, ask, check_can_ask
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    As,
    Json,
    Now,
    PlanCode,
    acting,
    open_database,
    out,
    print_json,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import WrongInput
from eco_workflow.new_file import new_file

if TYPE_CHECKING:
    from eco_workflow.plans.diff import Difference
    from eco_workflow.plans.schema import Plan

IN_FORCE = "in-force"

app = typer.Typer(help="The plan that runs here, and plan files.", no_args_is_help=True)

File = Annotated[str, typer.Argument(metavar="FILE", help="A plan file, or a packaged plan's name.")]


@app.command()
def check(file: File, json: Json = False) -> None:
    """Say everything about a plan file in one go. Exit code 2 where it would be refused."""
    from eco_workflow.plans.load import examine

    examined = examine(file)
    errors, warnings = examined.lines("error"), examined.lines("warning")
    if json:
        found: list[dict[str, Any]] = [
            {
                "severity": finding.severity,
                "line": line,
                "path": finding.where,
                "value": finding.value,
                "wrong": finding.wrong,
                "remedy": finding.remedy,
            }
            for line, finding in examined.found
        ]
        print_json(
            {"file": examined.file, "errors": len(errors), "warnings": len(warnings), "findings": found}
        )
    else:
        for severity, lines in (("error", errors), ("warning", warnings)):
            for line in lines:
                out.print(f"{severity}: {line}", markup=False, highlight=False)
        noted = len(examined.loaded.plan.warnings) if examined.loaded else 0
        of_source = counted(noted, "inconsistency of the source is", "inconsistencies of the source are")
        out.print(
            f"{examined.file}: {counted(len(errors), 'error')}, {counted(len(warnings), 'warning')}"
            + (f"; {of_source} noted in it." if noted else ".")
        )
    if errors:
        raise typer.Exit(2)


@app.command()
def show(plan_code: PlanCode = None, json: Json = False) -> None:
    """Show the plan in force, with the people whom the units name now."""
    from eco_workflow.cli.plan_tables import print_plan
    from eco_workflow.services.find import document_of_the_day, plan_named

    with open_database().read() as session:
        found = document_of_the_day(session, plan_named(session, plan_code))
    if not json:
        print_plan(found)
        return
    shown = found.model_dump(mode="json")
    for unit, row in zip(found.units, shown["units"], strict=True):
        row["members"] = found.members_of(unit)
    print_json(shown)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=f"A file, a packaged name, or {IN_FORCE}.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")],
    plan_code: PlanCode = None,
    json: Json = False,
) -> None:
    """Say what is added, removed and changed from one plan to another."""
    from eco_workflow.plans.diff import differences

    found = differences(_plan(old, plan_code), _plan(new, plan_code))
    if json:
        print_json(_as_json(found))
        return
    _print_differences(found)


@app.command()
def load(
    file: File,
    yes: Yes = False,
    now: Now = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Load a changed document of the plan that runs here. Rounds that are open or past stay as they were."""
    from eco_workflow.plans.load import examine
    from eco_workflow.services.revise_plan import preview, revise

    check_can_ask(json=json, yes=yes, look="first with: eco plan diff")
    at = now_or(now)
    examined = examine(file)
    if examined.loaded is None:
        raise WrongInput("\n".join(examined.lines("error")))
    database = open_database()
    with database.read() as session:
        looked = preview(session, examined.loaded, now=at)
    found = looked.differences
    if not json:
        for line in (*examined.lines("warning"), *looked.names_kept):
            out.print(f"warning: {line}", markup=False, highlight=False)
        _print_differences(found)
    if found and not yes:
        ask("Load it?")
    by = acting(database, examined.loaded.plan.id, as_)
    done = revise(database, examined.loaded, now=at, by=by)
    if json:
        print_json({**vars(done), "changes": _as_json(found)})
    elif not done.fresh:
        out.print(f"{done.code}: this document is in force already, as version {done.version}.")
    else:
        out.print(
            f"{done.code} is in version {done.version}: {counted(done.units_added, 'unit')} and "
            f"{counted(done.items_added, 'item')} added; obligations: "
            f"{done.obligations_added} added, {done.obligations_changed} changed, "
            f"{done.obligations_ended} ended; {counted(done.contacts_replaced, 'contact')} replaced"
            + (f"; {counted(done.rounds_planned, 'round')} planned anew." if done.rounds_planned else ".")
        )
        if done.to_settle:
            past_due = counted(done.to_settle, "item is", "items are")
            out.print(f"{past_due} past due. Settle them: eco item list --unsettled")


@app.command()
def shift(
    file: File,
    start: Annotated[str, typer.Option(help="The first day of the new plan, whole months away.")],
    out_file: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Write there; otherwise it is printed.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a new plan of an old one: dates moved by whole months, what needs a look marked 请核对."""
    from eco_workflow.plans.load import open_file
    from eco_workflow.plans.shift import MARK
    from eco_workflow.plans.shift import shift as shifted

    made = shifted(*open_file(file), read_date(start, "--start"))
    if out_file is not None:
        with new_file(out_file, "--out") as written:
            written.write(made.text.encode())
    if json:
        print_json({**vars(made), "file": out_file})
    elif out_file is None:
        typer.echo(made.text, nl=False)
    else:
        out.print(
            f"{out_file}: the plan {made.plan}, {counted(made.moved, 'date')} moved "
            f"by {counted(made.months, 'month')}. "
            f"{counted(made.marked, 'line is', 'lines are')} marked {MARK}; then: eco plan check {out_file}",
            markup=False,
        )


@app.command()
def schema() -> None:
    """Print the JSON schema of plan files, for editors that complete and check while typing."""
    from eco_workflow.plans.schema import Plan

    print_json(Plan.model_json_schema())


def _plan(named: str, plan_code: str | None) -> "Plan":
    from eco_workflow.plans.load import read
    from eco_workflow.services.find import document, plan_named

    if named != IN_FORCE:
        return read(named).plan
    with open_database().read() as session:
        return document(session, plan_named(session, plan_code))


def _as_json(found: "list[Difference]") -> list[dict[str, str]]:
    return [{**vars(difference), "said": difference.said} for difference in found]


def _print_differences(found: "list[Difference]") -> None:
    for difference in found:
        out.print(difference.said, markup=False, highlight=False)
    out.print(f"{counted(len(found), 'difference')}." if found else "No difference.")
