"""`eco case`: what people do about cases: look, tell by hand, remind, acknowledge, sign, annul."""

from typing import Annotated, Any

import typer

from eco_workflow.cli.acts import Desk, act
from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    As,
    Eyes,
    Json,
    Now,
    PlanCode,
    acting,
    hand_over,
    looking,
    open_database,
    out,
    print_ended,
    print_json,
    table,
)
from eco_workflow.cli.waiting import waiting_line
from eco_workflow.domain.clock import read_date, wall_time
from eco_workflow.domain.english import PAPER, WITHOUT_ITEM, counted, ended
from eco_workflow.services.annul import Annulled
from eco_workflow.services.papers import SignedPaper
from eco_workflow.store.session import Database

app = typer.Typer(
    help="Cases: who is late on which rung, who was told, and the papers.", no_args_is_help=True
)

Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=1, max=2**31 - 1, help="The case's number, from the list.")
]


def _plan_of(database: Database, given: dict[str, Any]) -> str:
    """Cases are numbered across plans: who acts is looked up in the case's own."""
    from eco_workflow.services.case_named import plan_of_case

    with database.read() as session:
        return plan_of_case(session, given["number"])


@app.command("list")
def list_(
    unit: Annotated[str | None, typer.Option(help="Only this unit's: code, name or alias.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Closed and annulled ones too.")] = False,
    plan: PlanCode = None,
    now: Now = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List open cases, worst first: clock, rung, what follows and when."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.cases_shown import cases

    at = now_or(now)
    with open_database().read() as session:
        rows = cases(
            session, looking(session, plan, as_),
            plan=plan, unit=unit, everything=everything, now=at, days=published_in(session),
        )  # fmt: skip
        if not json:
            print_ended(session, plan, at)
    if json:
        print_json(rows)
        return
    shown = table("Cases", "no.", "unit", "item", "clock", "since", "working days", "rung", "told", "next")
    for row in rows:
        shown.add_row(
            str(row["case"]), row["unit"], row["item"], row["clock"], str(row["since"] or ""),
            str(row["days_late"]), str(row["rung"]), str(row["told_on"] or ""), _next(row),
        )  # fmt: skip
    out.print(shown)


def _next(row: dict[str, Any]) -> str:
    if row["annulled_on"]:
        return f"annulled on {row['annulled_on']}"
    if row["closed_on"]:
        return f"closed on {row['closed_on']} ({ended(row['closed_why'])})"
    following = row["next"]
    if following["rung"] is None:
        return str(following["waits"])
    return f"rung {following['rung']} on {following['on']}: {following['who']}"


@app.command()
def show(number: Number, now: Now = None, as_: Eyes = None, json: Json = False) -> None:
    """Show a case: rungs with who was told when and how, papers, receipts, what follows and when."""
    from eco_workflow.services.calendar import published_in
    from eco_workflow.services.case_named import case_numbered
    from eco_workflow.services.cases_shown import case

    at = now_or(now)
    with open_database().read() as session:
        place = case_numbered(session, number, at)
        eyes = looking(session, place.plan.code, as_)
        found = case(session, eyes, place, now=at, days=published_in(session))
    if json:
        print_json(found)
        return
    about = " ".join(filter(None, (found["unit"], found["item"], f"({found['clock']} clock)")))
    stands = _next(found) if found["closed_on"] else f"rung {found['rung']}"
    if found["since"]:
        # What waits for the office may wait for some days: it is not late since it came.
        how = "waiting since {}, late by" if found["clock"] == "review" else "late since {}:"
        stands += f", {how.format(found['since'])} {counted(found['days_late'], 'working day')}"
    out.print(f"[bold]Case {number}[/bold]: {about}, {stands}", highlight=False)
    if found["silent_rounds"]:
        out.print("Silent rounds: " + ", ".join(map(str, found["silent_rounds"])), highlight=False)
    for one in found["waits"]:
        out.print(waiting_line(one), highlight=False)
    told = table("\nTold", "rung", "on", "who", "how")
    for telling in found["told"]:
        told.add_row(str(telling["rung"]), str(telling["on"]), telling["who"], telling["means"])
    out.print(told)
    for spoken in found["by_hand"]:
        out.print(
            f"{spoken['on']} {spoken['to']} by {spoken['means']}, "
            f"recorded by {spoken['by']}: {spoken['said']}",
            markup=False,
        )
    _print_papers(found["papers"])
    for receipt in found["acknowledged"]:
        out.print(f"Received by {receipt['name']} at {wall_time(receipt['at'])}", highlight=False)
    if found["annulment"]:
        asked = found["annulment"]
        confirmed = asked["confirmed_by"] or "nobody yet"
        out.print(
            f"Annulment asked by {asked['asked_by']}, confirmed by {confirmed}: {asked['reason']}",
            markup=False,
        )
    if not found["closed_on"]:
        out.print(f"Next: {_next(found)}", highlight=False)


def _print_papers(papers: list[dict[str, Any]]) -> None:
    shown = table("\nPapers", "case", "rung", "kind", "to", "drafted", "state", "signed", "lists")
    for paper in papers:
        signed = f"{paper['signed_on']} {paper['signed_by']}" if paper["signed_on"] else ""
        cases = paper.get("lists", [])
        shown.add_row(
            str(cases[0]["case"] if cases else paper["case"]), str(paper["rung"]), PAPER[paper["kind"]],
            paper["addressee"], str(paper["drafted_on"]), paper["state"], signed,
            "、".join(case["item"] or WITHOUT_ITEM[case["clock"]] for case in cases),
        )  # fmt: skip
    out.print(shown)


@act(app, plan_of=_plan_of)
def tell(
    desk: Desk,
    number: Number,
    means: Annotated[str, typer.Option(help="telephone or letter.")],
    said: Annotated[str, typer.Option(help="What was said or written.")],
    on: Annotated[str | None, typer.Option(help="The day it was told; default: today.")] = None,
) -> None:
    """Record that the present rung was told by telephone or letter; graces count from that day."""
    from eco_workflow.services.tell_by_hand import tell as tell_

    day = read_date(on, "--on") if on else None
    done = tell_(desk.database, number, desk.days, means=means, said=said, on=day, now=desk.now, by=desk.by)
    said_so = f"Case {done.case}, rung {done.rung}: {done.to} was told on {done.on} by {done.means}."
    desk.tell(done, lambda _: out.print(said_so))


@app.command()
def remind(number: Number, now: Now = None, as_: As = None, json: Json = False) -> None:
    """Remind by hand, once a day at most; what waits to be sent leaves at once."""
    from eco_workflow.services.calendar import published_for
    from eco_workflow.services.remind import remind as remind_
    from eco_workflow.services.remind import state_of
    from eco_workflow.settings import read_settings
    from flows.wiring import post_office

    settings = read_settings()
    at = now_or(now)
    database = open_database(settings)
    by = acting(database, _plan_of(database, {"number": number}), as_)
    with post_office(settings, at):
        pass  # A mail setting that cannot be used is said before anything is written.
    done = remind_(database, number, published_for(database), now=at, by=by)

    def tell() -> None:
        with database.read() as session:
            state = state_of(session, done.message)
        if json:
            print_json({**vars(done), "state": state})
            return
        counts = " It tells the rung." if done.counts else ""
        said = f"Case {done.case}, rung {done.rung}: message {done.message} to {done.to} is {state}.{counts}"
        out.print(said)

    hand_over(settings, at, tell)


@act(app, plan_of=_plan_of)
def ack(
    desk: Desk,
    number: Number,
    of: Annotated[
        str | None, typer.Option("--of", help="Whose receipt an operator records: a contact's name.")
    ] = None,
) -> None:
    """Record receipt; it stops nothing."""
    from eco_workflow.services.acknowledge import acknowledge

    done = acknowledge(desk.database, number, of=of, now=desk.now, by=desk.by)
    said = f"Case {done.case}: received by {done.name} at {wall_time(done.at)}."
    desk.tell(done, lambda _: out.print(said))


@app.command()
def papers(
    drafts: Annotated[bool, typer.Option("--drafts", help="Only what waits for a signature.")] = False,
    plan: PlanCode = None,
    as_: Eyes = None,
    json: Json = False,
) -> None:
    """List orders, letters, reports, files and notes."""
    from eco_workflow.services.papers import listed

    with open_database().read() as session:
        rows = listed(session, looking(session, plan, as_), plan=plan, drafts=drafts)
    print_json(rows) if json else _print_papers(rows)


@act(app, plan_of=_plan_of)
def sign(
    desk: Desk,
    number: Number,
    rung: Annotated[int | None, typer.Option(help="Which draft, where a case has several.")] = None,
) -> None:
    """Sign a draft while its facts hold; else it is void. An order is signed with all that it lists."""
    from eco_workflow.services.papers import sign as sign_

    desk.tell(sign_(desk.database, number, rung=rung, now=desk.now, by=desk.by), _say)


@act(app, plan_of=_plan_of)
def account(
    desk: Desk,
    number: Number,
    reason: Annotated[str, typer.Option(help="It stands in the file.")] = "",
) -> None:
    """Decide, as a leader, that a case goes to the discipline commission."""
    from eco_workflow.services.accountability import account as account_

    desk.tell(account_(desk.database, number, reason, now=desk.now, by=desk.by), _say)


def _say(done: SignedPaper) -> None:
    out.print(f"Case {done.case}: {PAPER[done.kind]} to {done.addressee} signed by {done.by} on {done.on}.")
    lists = "、".join(WITHOUT_ITEM.get(listed, listed) for listed in done.lists)
    out.print(f"It lists: {lists}", highlight=False)
    out.print(f"Hand it on paper to {done.addressee}: nothing here sends it.")


@act(app, plan_of=_plan_of)
def annul(
    desk: Desk,
    number: Number,
    reason: Annotated[str, typer.Option(help="Why it was an error; who confirms may leave it away.")] = "",
) -> None:
    """Ask for the annulment of a case; the same by another person confirms it."""
    from eco_workflow.services.annul import annul as annul_

    done = annul_(desk.database, number, reason, now=desk.now, by=desk.by)
    desk.tell(done, _annulled)


def _annulled(done: Annulled) -> None:
    if done.annulled_on is None:
        out.print(f"Case {done.case}: annulment asked by {done.asked_by}. Another person confirms it.")
    else:
        people = counted(done.corrected, "person gets", "people get")
        out.print(f"Case {done.case} is annulled; {people} a correction with the next run that sends.")
        if done.still_late:
            out.print("What it was about is late still: the next run opens a new case at rung 1.")
        for paper in done.left_on_paper:
            out.print(f"Take back by letter what was signed: {paper}")
