"""`eco phase`: where the phases stand, what the open one lacks, and closing it."""

from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import Eyes, Json, Now, PlanCode, looking, open_database, out, print_json
from eco_workflow.domain.clock import read_date
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import WrongInput

app = typer.Typer(
    help="Phases and their gates: show, close, pass conditionally, award.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(metavar="N", help="The phase's number, e.g. 2.")]
NthPass = Annotated[
    int | None,
    typer.Option("--pass", min=1, max=2**31 - 1, help="Which of the phase's passes; else the newest."),
]


@app.command()
def show(
    number: Annotated[int | None, typer.Argument(metavar="[N]", help="Only this phase.")] = None,
    plan: PlanCode = None,
    now: Now = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """Show the phases with their milestones: closed, ready, waiting, overdue, and every reason why."""
    from eco_workflow.services.phases_shown import story

    at = now_or(now)
    with open_database().read() as session:
        looking(session, plan, as_)
        found = story(session, number, plan=plan, now=at)
    if json:
        print_json(found)
        return
    tell(found)


def tell(found: dict[str, Any]) -> None:
    """Prints the story of the phases for an operator's terminal."""
    for phase in found["phases"]:
        _print(phase)
    if found["award"]:
        out.print(f"Awarded on {found['award']['on']}: {found['award']['document']}", markup=False)
    for waiver in found["waivers"]:
        taken_back = f", withdrawn on {waiver['withdrawn_on']}" if waiver["withdrawn_on"] else ""
        words = (
            f"Waived: {waiver['indicator']}, {waiver['reason']} ({waiver['by']}, {waiver['on']}{taken_back})"
        )
        out.print(words, markup=False, highlight=False)


def _print(phase: dict[str, Any]) -> None:
    title = f"{phase['phase']} {phase['title']}, {phase['start']} to {phase['end']}: {_where(phase)}"
    out.print(f"\n{title}", style="bold", markup=False, highlight=False)
    for milestone in phase["milestones"]:
        was = milestone["at_closing"]
        words = f"  {milestone['milestone']} {milestone['title']}: {_stands(milestone)}"
        out.print(words + (f" (at closing: {_stands(was)})" if was else ""), markup=False, highlight=False)
        for reason in milestone["reasons"]:
            out.print(f"    - {reason['said']}", markup=False, highlight=False)
        now = [reason["said"] for reason in milestone["reasons"]]
        for reason in was["reasons"] if was else ():
            if reason["said"] not in now:
                out.print(f"    - at closing: {reason['said']}", markup=False, highlight=False)
    shown = {reason["said"] for milestone in phase["milestones"] for reason in milestone["reasons"]}
    for reason in phase["lacking"]:
        if reason["said"] not in shown:
            out.print(f"  - {reason['said']}", markup=False, highlight=False)
    if passed := phase["conditional"]:
        by = (
            f"slip {passed['slip'] or 'in quarantine'} signed by {passed['leader']}"
            if passed["slip_digest"]
            else passed["leader"]
        )
        words = f"  Passed conditionally by {by} on {passed['given_on']}, until {passed['until']}: "
        out.print(words + passed["reason"], markup=False, highlight=False)


def _stands(milestone: dict[str, Any]) -> str:
    return str(milestone["state"]) + (f", due {milestone['due_on']}" if milestone["due_on"] else "")


def _where(phase: dict[str, Any]) -> str:
    left = counted(len(phase["lacking"]), "reason")
    match phase["state"]:
        case "closed":
            late = ", late" if phase["late"] else ""
            still = f"; {left} left" if phase["lacking"] else ""
            return f"closed on {phase['closed_on']} by {phase['closed_by']}{late}{still}"
        case "open":
            over = " and past its end" if phase["late"] else ""
            return f"open since {phase['opened_on']}{over}; {left} left"
        case "before":
            return "before the activation, to be recorded afterwards"
        case _:
            return "not opened yet"


@act(app)
def close(
    desk: Desk,
    number: Number,
    conditional: Annotated[
        bool, typer.Option("--conditional", help="Over what a leader has passed: eco phase pass.")
    ] = False,
) -> None:
    """Close a phase if nothing is missing, and open the next one; else every reason is printed.

    Units are told with their next envelope. Nobody passes over a veto item that is pending or confirmed.
    """
    from eco_workflow.services import close_phase

    try:
        done = close_phase.close(
            desk.database, number, conditional=conditional, now=desk.now, by=desk.by, plan=desk.plan
        )
    except close_phase.GateClosed as refused:
        if desk.json:
            lacking = [close_phase.as_json(reason) for reason in refused.reasons]
            print_json({"phase": number, "closed": False, "lacking": lacking})
        raise
    desk.tell(_as_json(done) if desk.json else done, _closed)


def _as_json(done: Any) -> dict[str, Any]:
    from eco_workflow.services.close_phase import as_json

    return {
        "phase": done.phase,
        "title": done.title,
        "closed": True,
        "closed_on": done.closed_on,
        "conditional": done.conditional,
        "lacking": [as_json(reason) for reason in done.lacking],
        "closed_out": list(done.closed_out),
        "opened": done.opened,
    }


def _closed(done: Any) -> None:
    how = f" over {counted(len(done.lacking), 'reason')} that a leader passed" if done.lacking else ""
    out.print(f"Phase {done.phase} {done.title} is closed{how}.", markup=False)
    if done.closed_out:
        out.print(f"Closed out with it: {', '.join(done.closed_out)}", highlight=False)
    already = "" if done.opened else " already"
    out.print(f"Phase {done.in_force} is open{already}." if done.in_force else "No phase follows.")


@act(app, "pass")
def pass_(
    desk: Desk,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")] = "",
    until: Annotated[str, typer.Option(help="By when what is missing shall be there.")] = "",
    slip: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The signed slip, where an operator files it for the leader."),
    ] = None,
    leader: Annotated[str, typer.Option(help="Who signed the slip.")] = "",
) -> None:
    """Confirm as a leader that a phase may close over what it lacks now, or file the slip that one signed.

    It covers nothing that comes up later, and no veto item.
    """
    from eco_workflow.services.pass_by_slip import Slip, pass_by_slip
    from eco_workflow.services.pass_phase import pass_conditionally

    if not until:
        raise WrongInput("--until is missing: by when shall what is missing be there?")
    if (slip is None) != (not leader):
        raise WrongInput("--slip FILE and --leader NAME go together; a leader who signs in gives neither.")
    said: dict[str, Any] = {
        "reason": reason, "until": read_date(until, "--until"),
        "now": desk.now, "by": desk.by, "plan": desk.plan,
    }  # fmt: skip
    if slip is None:
        done = pass_conditionally(desk.database, number, **said)
    else:
        from eco_workflow.settings import read_settings

        done = pass_by_slip(desk.database, read_settings(), number, Slip(leader, slip), **said)

    def words(_: Any) -> None:
        over = counted(len(done.lacking), "reason")
        out.print(f"Phase {done.phase} {done.title}: {done.leader} passes over {over} until {done.until}.")
        for one in done.lacking:
            out.print(f"  - {one.said}", markup=False, highlight=False)
        out.print(f"Close it: eco phase close {done.phase} --conditional")

    desk.tell(done, words)


@app.command()
def slip(
    number: Number,
    n: NthPass = None,
    to: Annotated[str | None, typer.Option(metavar="FILE", help="Write it into a new file.")] = None,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """Show the signed slip by which a phase passed; with --to take it out, checked against its digest."""
    from eco_workflow.services.pass_by_slip import hand_out, one
    from eco_workflow.settings import read_settings

    with open_database().read() as session:
        viewer = looking(session, plan, as_)
        row = one(session, viewer, number, n=n, plan=plan)
        if to is not None:
            hand_out(session, viewer, read_settings(), number, to, n=n, plan=plan)
    if json:
        print_json(row)
        return
    gone = row.quarantined_on and f"in quarantine since {row.quarantined_on}: {row.quarantine_reason}"
    out.print(
        f"{gone or row.name}, signed by {row.leader}: conditional pass {row.n} of phase {row.phase}, "
        f"filed on {row.given_on} by {row.filed_by} (sha256 {row.digest}).",
        markup=False,
        highlight=False,
    )


@act(app)
def quarantine(
    desk: Desk,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why.")],
    n: NthPass = None,
) -> None:
    """Remove a slip that must not be here, wherever its content stands; its digest and the pass are kept."""
    from eco_workflow.services import pass_by_slip
    from eco_workflow.settings import read_settings

    done = pass_by_slip.quarantine(
        desk.database, read_settings(), number, reason, n=n, now=desk.now, by=desk.by, plan=desk.plan
    )
    gone = "removed" if done.removed else "was gone already"
    desk.tell(
        done,
        lambda _: out.print(
            f"The slip of phase {number}: in quarantine, content {gone}, sha256 {done.digest}. "
            "Backups made before hold it still: remove them by hand.",
            highlight=False,
        ),
    )


@app.command()
def run(plan: PlanCode = None, now: Now = None, json: Json = False) -> None:
    """Do what the phase in force does by itself: task sheets, an alarm past its end; again: nothing."""
    from eco_workflow.services.phase_work import PlansBroken
    from eco_workflow.settings import read_settings
    from flows.wiring import keys_in_force, work_phase

    settings, at = read_settings(), now_or(now)
    looked: list[Any] = []
    broken: dict[str, str] = {}
    for key in keys_in_force(settings, at):
        try:
            looked += work_phase(settings, at, key, plan)
        except PlansBroken as error:
            looked += error.worked
            broken |= error.broken
    found = [worked for worked in looked if worked.state == "open"]
    _print_worked(found, json=json)
    if broken:
        raise PlansBroken(broken, found)


def _print_worked(found: list[Any], *, json: bool) -> None:
    if json:
        print_json(
            [
                {
                    "plan": one.plan,
                    "phase": one.phase,
                    "title": one.title,
                    "sheets": one.sheets,
                    "outlived": one.outlived,
                    "held_since": one.held_since,
                    "doubted": one.doubted,
                    "wanted": one.wanted,
                    "lacking": len(one.gate.reasons),
                }
                for one in found
            ]
        )
        return
    for one in found:
        past = "past its end, " if one.outlived else ""
        left = counted(len(one.gate.reasons), "reason")
        held = f"held since {one.held_since}: nothing is written (eco plan release)"
        said = f"{past}{left} left; " + (
            held if one.held_since else f"{counted(one.sheets, 'task sheet')} written"
        )
        asked = f", a current figure asked for of {counted(one.wanted, 'indicator')}" if one.wanted else ""
        out.print(f"{one.plan}, phase {one.phase} {one.title}: {said}{asked}", markup=False, highlight=False)
        if one.doubted:
            out.print(f"Nothing is written or told: {one.doubted}", markup=False, highlight=False)
    if not found:
        out.print("No phase is in force.")


@act(app)
def award(
    desk: Desk,
    on: Annotated[str, typer.Option("--on", help="The day of the award.")],
    document: Annotated[str, typer.Option(help="The paper that says so: title or number.")] = "",
) -> None:
    """Record the award (命名): the milestone that opens with it is asked about from the next round on."""
    from eco_workflow.services import pass_phase

    done = pass_phase.award(
        desk.database, read_date(on, "--on"), document_=document, now=desk.now, by=desk.by, plan=desk.plan
    )
    desk.tell(done, _awarded)


def _awarded(done: Any) -> None:
    opened = f" Opened: {', '.join(done.opened)}." if done.opened else ""
    out.print(f"Awarded on {done.on}: {done.document}.{opened}", markup=False)
    if done.verified_anew:
        out.print(f"Everything is verified anew for each anniversary, first that of {done.verified_anew[0]}.")
    elif done.verified_anew is not None:
        out.print(
            f"The plan ends on {done.plan_ends_on}, before the first anniversary: the yearly re-verification "
            "is owed once a version that goes on is in force. Load it with: eco plan load FILE"
        )
