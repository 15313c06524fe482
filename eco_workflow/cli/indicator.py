"""`eco indicator`: where the 36 indicators stand, why, and what the office records of them."""

from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, TakesFigure, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    CorrectsPeriod,
    Eyes,
    Json,
    Means,
    Now,
    PlanCode,
    looking,
    open_database,
    out,
    print_json,
    table,
)
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.targets import Better
from eco_workflow.domain.words import OCCURRED
from eco_workflow.services import indicator_dates, indicator_facts, indicators, new_figure

app = typer.Typer(
    help="Indicators: verdicts and reasons, superiors' figures, bases, dates.", no_args_is_help=True
)

Indicator = Annotated[str, typer.Argument(metavar="CODE", help="The indicator's code, e.g. I22.")]
OrPart = Annotated[str, typer.Argument(metavar="CODE", help="The indicator's or part's code: I16, I07.1.")]
Value = Annotated[str, typer.Argument(metavar="VALUE", help="The figure, a plain decimal.")]
UnitOption = Annotated[str, typer.Option("--unit", help="The unit that answers: its code, name or alias.")]


@app.command("list")
def list_(plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """List the indicators: met, unmet or undetermined, who owes what is missing, and why."""
    with open_database().read() as session:
        rows = indicators.listed(session, looking(session, plan, as_), plan=plan, now=now_or(now))
    if json:
        print_json(rows)
        return
    listed = table("Indicators", "code", "name", "verdict", "owed by", "due", "reason")
    for row in rows:
        listed.add_row(
            row["indicator"], row["name"], row["verdict"], _owed(row), str(row["due_on"]), row["reason"]
        )
    out.print(listed)


@app.command()
def show(code: OrPart, plan: PlanCode = None, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """Show an indicator: its target, the figures known, the outcome of every test, and who owes what."""
    with open_database().read() as session:
        found = indicators.shown(session, looking(session, plan, as_), code, plan=plan, now=now_or(now))
    if json:
        print_json(found)
        return
    kind = "binding" if found["binding"] else "reference"
    say(f"{found['indicator']} {found['name']} ({found['place']}, {kind})")
    scope = f" ({found['scope']})" if found["scope"] else ""
    say(f"Printed target: {found['printed_target']}{scope}")
    if found["note"]:
        say(f"Note: {found['note']}")
    for unit in found["units"]:
        say(f"Asked: {unit['unit']} ({unit['role']}), {unit['state']}, due on {unit['due_on']}")
    owed = f", owed by the {found['owed_by']}" if found["owed_by"] != "none" else ""
    say(f"On {found['on']}: {found['verdict']}{owed}. {found['reason']}")
    if found["ripens_on"]:
        say(f"Judged again on {found['ripens_on']}, when the figure's period is over.")
    if linked := found["linked_veto"]:
        said = "；".join(f"{d['unit']} {d['on']} {OCCURRED[d['occurred']]}" for d in linked["declarations"])
        say(f"Linked to {linked['item']} {linked['title']}: {said or 'nothing declared yet'}")
    # All parts are met, and it is not: the veto item that it is linked to was declared or confirmed.
    without = linked and found["verdict"] != "met" and all(p["verdict"] == "met" for p in found["parts"])
    for part in found["parts"]:
        _part(part, f" but for {linked['item']}" if without else "")
    for proposal in found["proposals"]:
        _proposal(proposal)


def _part(part: dict[str, Any], but_for: str) -> None:
    say(f"\n{part['code']} {part['name']}: {part['verdict']}{but_for}")
    say(f"  target: {part['target']}" + (f" [{part['branch']}]" if part["branch"] else ""))
    if part["lead"]:
        say(f"  led by: {'、'.join(part['lead'])}")
    for figure in part["figures"]:
        period = f" ({figure['period']})" if figure["period"] else ""
        survey = figure.get("survey")
        source = f", survey {survey['number']} {survey['name']}" if survey else ""
        say(f"  figure: {figure['value']}{period}, {figure['unit']}{source}")
    if base := part["base"]:
        say(f"  base: {base['value']} ({base['period']}), {base['source']}")
    if task := part["assigned"]:
        measure = f", measure: {task['measure']}" if task["measure"] else ""
        say(f"  superior's figure: {task['value']}{task['unit']}, {task['source']}, {task['date']}{measure}")
    for test in part["tests"]:
        say(f"  {test['verdict']}: {test['demand']}. {test['reason']}")


def _proposal(proposal: dict[str, Any]) -> None:
    state = "not confirmed yet"
    if proposal["confirmed_on"]:
        state = f"confirmed on {proposal['confirmed_on']}"
    if proposal["declined_on"]:
        state = f"declined on {proposal['declined_on']}: {proposal['reason']}"
    if proposal["decision"]:
        state += f" by {proposal['decision']}: {proposal['reason']}"
    say(
        f"\nProposed on {proposal['proposed_on']} by {proposal['unit']}: due on {proposal['due_on']}, "
        f"target {proposal['target']} ({proposal['source']}); {state}"
    )


def say(line: str) -> None:
    """A line as it is: names of places hold brackets that are no markup."""
    out.print(line, markup=False, highlight=False)


def _owed(row: dict[str, Any]) -> str:
    return "" if row["owed_by"] == "none" else str(row["owed_by"])


def _stands(done: indicator_facts.Stands) -> None:
    owed = f", owed by the {done.owed_by}" if done.owed_by != "none" else ""
    say(f"{done.recorded} is recorded. {done.item} is {done.verdict}{owed}: {done.reason}")


@act(app, cls=TakesFigure)
def assign(
    desk: Desk,
    code: OrPart,
    value: Value,
    source: Annotated[str, typer.Option(help="The superior's paper.")],
    date: Annotated[str, typer.Option(help="The date of that paper.")],
    measure: Annotated[str, typer.Option(help="What the trend refers to (I07.2, I08).")] = "",
    better: Annotated[str, typer.Option(help="higher or lower, if the measure differs from the part.")] = "",
    unit: Annotated[str, typer.Option(help="The measure's unit, if it differs from the part's.")] = "",
) -> None:
    """Record the figure that a superior has set; the newest counts."""
    directions: dict[str, Better | None] = {"": None, "higher": "higher", "lower": "lower"}
    if better not in directions:
        raise WrongInput(f"--better {better!r} is neither higher nor lower.")
    task = indicator_facts.Task(value, source, read_date(date, "--date"), measure, directions[better], unit)
    done = indicator_facts.assign(desk.database, code, task, now=desk.now, by=desk.by, plan=desk.plan)
    desk.tell(done, _stands)


@act(app, cls=TakesFigure)
def base(
    desk: Desk,
    code: OrPart,
    value: Value,
    period: Annotated[str, typer.Option(help="The base's reference period: 2020, 2020-Q4, 2020-12.")],
    source: Annotated[str, typer.Option(help="Where the figure is published.")],
) -> None:
    """Record the base that a trend is measured against; the newest counts."""
    done = indicator_facts.set_base(
        desk.database, code, value,
        period=period, source=source, now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, _stands)


@act(app)
def figure(
    desk: Desk,
    code: Indicator,
    unit: UnitOption,
    value: Annotated[list[str], typer.Option(help="The figure, 95.3; of a part: I07.1=95.3 (repeat it).")],
    period: Annotated[list[str], typer.Option(help="Its reference period: 2022, 2022-Q1; I07.1=2022.")],
    note: Annotated[str, typer.Option(help="Where it comes from.")] = "",
    means: Means = "",
    corrects_period: CorrectsPeriod = False,
) -> None:
    """Record a newer figure of an indicator that is closed out; one that misses the target reopens it."""
    done = new_figure.give(
        desk.database, unit, code,
        value=" ".join(value), period=" ".join(period), note=note, means=means,
        corrects_period=corrects_period, now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, _figure)


def _figure(done: new_figure.Given) -> None:
    say(f"{done.item} of {done.unit} is {done.verdict}: {done.reason}")
    for line in done.not_judged:
        say(line)
    if done.state != "closed":
        say(f"It is open again, due on {done.due_on}.")


@act(app)
def propose(
    desk: Desk,
    code: Indicator,
    unit: UnitOption,
    due: Annotated[str, typer.Option(help="The date by which it will be met.")],
    target: Annotated[list[str], typer.Option(help="The target figure; of a part: I07.1=92 (repeat it).")],
    source: Annotated[str, typer.Option(help="Where the target figure comes from.")],
) -> None:
    """Record the date and target figure that a unit proposes for its indicator (M2.1)."""
    done = indicator_dates.propose(
        desk.database, code, unit,
        due_on=read_date(due, "--due"), target=" ".join(target), source=source,
        now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    desk.tell(done, _proposed)


def _proposed(done: indicator_dates.Proposed) -> None:
    say(f"{done.unit} proposes for {done.item}: due on {done.due_on}, target {done.target} ({done.source}).")
    if done.needs_decision:
        say("That is later than the plan's date: to confirm it, name a leader's decision and the reason.")


@act(app)
def confirm(
    desk: Desk,
    code: Indicator,
    unit: UnitOption,
    decision: Annotated[str, typer.Option(help="The leader's decision for a date after the plan's.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is later.")] = "",
) -> None:
    """Confirm a unit's newest proposal: its date becomes the date on which the indicator is due."""
    done = indicator_dates.confirm(
        desk.database, code, unit,
        decision=decision, reason=reason, now=desk.now, by=desk.by, plan=desk.plan,
    )  # fmt: skip
    said = f"{done.item} is due on {done.due_on} for {done.unit}; target {done.target} ({done.source})."
    desk.tell(done, lambda _: say(said))


@act(app)
def decline(
    desk: Desk,
    code: Indicator,
    unit: UnitOption,
    reason: Annotated[str, typer.Option(help="Why; the unit reads it.")] = "",
) -> None:
    """Decline a unit's newest proposal; the unit is told, and proposes anew."""
    done = indicator_dates.decline(
        desk.database, code, unit, reason=reason, now=desk.now, by=desk.by, plan=desk.plan
    )
    said = f"{done.item}: due on {done.due_on}, target {done.target} is declined; {done.unit} is told."
    desk.tell(done, lambda _: say(said))


@act(app)
def waive(
    desk: Desk,
    code: Indicator,
    reason: Annotated[str, typer.Option(help="Why it need not be met; it stays on record.")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the waiver back.")] = False,
) -> None:
    """Record that an unmet reference indicator need not be met: phase 2 closes over it then."""
    from eco_workflow.services import pass_phase

    if withdraw:
        done = pass_phase.withdraw_waiver(desk.database, code, now=desk.now, by=desk.by, plan=desk.plan)
    else:
        done = pass_phase.waive(desk.database, code, reason=reason, now=desk.now, by=desk.by, plan=desk.plan)
    said = "is waived no more" if done.withdrawn else f"is waived: {done.reason}"
    desk.tell(done, lambda _: out.print(f"{done.indicator} {done.name} {said}", markup=False))
