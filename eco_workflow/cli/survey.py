"""`eco survey`: surveys with questionnaire and report, whose results are figures of indicators."""

from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.common import (
    Eyes,
    Json,
    PlanCode,
    looking,
    on_the_wall,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.settings import read_settings
from eco_workflow.store.session import Database

app = typer.Typer(
    help="Surveys: record, list, show. No classified content: 涉密信息不得填报.", no_args_is_help=True
)

Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, max=2**31 - 1, help="The survey's number, from the list.")
]


def _plan_of(database: Database, given: dict[str, Any]) -> str:
    """Surveys are numbered across plans: who acts is looked up in its own."""
    from eco_workflow.services.surveys_shown import plan_of

    with database.read() as session:
        return plan_of(session, given["number"])


@act(app)
def record(
    desk: Desk,
    name: Annotated[str, typer.Option(help="What it is called.")],
    questionnaire: Annotated[str, typer.Option(metavar="FILE", help="The questionnaire; it is copied.")],
    sample: Annotated[int, typer.Option(help="How many answered.")],
    from_: Annotated[str, typer.Option("--from", help="The first day in the field.")],
    until: Annotated[str, typer.Option(help="The last one.")],
    report: Annotated[str, typer.Option(metavar="FILE", help="The report on its results; it is copied.")],
    value: Annotated[list[str], typer.Option(help="What it found: I35=85.2, I32.1=55 (repeat it).")],
    period: Annotated[
        list[str] | None,
        typer.Option(help="The figures' period; by itself the shortest around the field days."),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Whose figures they are, where the office records.")
    ] = None,
) -> None:
    """Record a survey; what it found becomes figures of the unit that held it."""
    from eco_workflow.services import surveys

    held = surveys.Held(
        name, questionnaire, sample, read_date(from_, "--from"), read_date(until, "--until"), report
    )
    done = surveys.record(
        desk.database, read_settings(), held, values=" ".join(value), period=" ".join(period or []),
        unit=unit, now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, _recorded)


def _recorded(done: Any) -> None:
    behalf = ", on its behalf" if done.on_behalf else ""
    _say(f"Survey {done.survey} {done.name} is recorded for {done.unit}{behalf}.")
    for one in done.indicators:
        owed = f", owed by the {one.owed_by}" if one.owed_by != "none" else ""
        _say(f"{one.item} is {one.verdict}{owed}: {one.reason}")
    for line in done.not_judged:
        _say(line)


@app.command("list")
def list_(plan: PlanCode = None, as_: Eyes = None, json: Json = False) -> None:
    """List the surveys and what they found."""
    from eco_workflow.services.surveys_shown import listed

    with open_database().read() as session:
        rows = listed(session, looking(session, plan, as_), plan=plan)
    if json:
        print_json([vars(row) for row in rows])
        return
    shown = table("Surveys", "no.", "name", "unit", "field days", "sample", "found")
    for row in rows:
        found = "\n".join(_figure(figure) for figure in row.figures)
        days = f"{row.from_on} to {row.until_on}"
        shown.add_row(str(row.survey), row.name, row.unit, days, str(row.sample), found)
    out.print(shown, markup=False)


@app.command()
def show(
    number: Number,
    questionnaire: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the questionnaire into a new file.")
    ] = None,
    report: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the report into a new file.")
    ] = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """Show one survey; take its files out, checked against their digests."""
    from eco_workflow.services.surveys_shown import hand_out, one, plan_of

    with open_database().read() as session:
        viewer = looking(session, plan_of(session, number), as_)
        row = one(session, viewer, number)
        for part, to in (("questionnaire", questionnaire), ("report", report)):
            if to is not None:
                hand_out(session, viewer, read_settings(), number, part, to)
    if json:
        print_json(vars(row))
        return
    _say(
        f"Survey {row.survey} {row.name}, {row.unit}: {row.sample} answered, {row.from_on} to {row.until_on}"
    )
    for figure in row.figures:
        _say(f"  {_figure(figure)}")
    for file in row.files:
        gone = file["quarantined_on"] and f"in quarantine since {file['quarantined_on']}: {file['reason']}"
        _say(f"  {file['part']}: {gone or file['name']} ({file['bytes']} bytes, sha256 {file['digest']})")
    _say(f"Recorded at {on_the_wall(row.recorded_at)} by {row.recorded_by}")


def _figure(figure: dict[str, Any]) -> str:
    period = f" ({figure['period']})" if figure["period"] else ""
    return f"{figure['code']}={figure['value']}{period}" + ("" if figure["stands"] else ", taken back")


@act(app, plan_of=_plan_of)
def quarantine(
    desk: Desk,
    number: Number,
    part: Annotated[str, typer.Argument(metavar="questionnaire|report", help="Which of its files.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Remove a file that must not be here, wherever its content stands; its digest is kept."""
    from eco_workflow.services import surveys_shown

    done = surveys_shown.quarantine(
        desk.database, read_settings(), number, part, reason, now=desk.now, by=desk.by
    )
    gone = "removed" if done.removed else "was gone already"
    desk.tell(
        done,
        lambda _: _say(
            f"The {part} of survey {number}: in quarantine, content {gone}, sha256 {done.digest}. "
            "Backups made before hold it still: remove them by hand."
        ),
    )


def _say(line: str) -> None:
    """A line as it is: names hold brackets that are no markup."""
    out.print(line, markup=False, highlight=False)
