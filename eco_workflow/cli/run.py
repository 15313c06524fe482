"""`eco dispatch` and `eco follow-up`: one and the same run, under Prefect or directly."""

from typing import Annotated

import typer

from eco_workflow.cli.clock import now_or
from eco_workflow.cli.common import (
    As,
    Json,
    Now,
    PlanCode,
    actor,
    err,
    open_database,
    out,
    print_json,
    progress,
)
from eco_workflow.domain.clock import read_date, shanghai_date
from eco_workflow.domain.english import counted, in_a_row
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.services.run_result import RunResult
from eco_workflow.settings import read_settings
from eco_workflow.stop import Stop

PROVISIONAL = (
    "The calendar is provisional: no arrangement of the year is known, Monday to Friday are taken. "
    "Once it is published: eco calendar import FILE"
)

Direct = Annotated[bool, typer.Option("--direct", help="Run in this process, without Prefect.")]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm-date", help="Vouch for the date after a long silence or a clock gone back."),
]


def dispatch(
    now: Now = None,
    direct: Direct = False,
    confirm_date: Confirm = None,
    plan: PlanCode = None,
    as_: As = None,
    json: Json = False,
) -> None:
    """Do everything that is due: open the round of the day, remind, alert, deliver. Again changes nothing."""
    from eco_workflow.services.deliver import waiting
    from eco_workflow.services.find import plan_named
    from eco_workflow.services.people import check_runs
    from flows.wiring import Order, post_office, run_directly

    settings = read_settings()
    at = now_or(now)
    confirmed = read_date(confirm_date, "--confirm-date") if confirm_date else None
    name = actor(as_)
    database = open_database(settings)
    with database.read() as session:
        if plan:
            plan_named(session, plan)
        if as_ is not None:
            name = check_runs(session, plan, name)
    order = Order(now=at, actor=name, only=(plan,) if plan else None, confirmed=confirmed)
    with post_office(settings, at):
        pass  # A mail setting that cannot be used is said before anything is decided.
    if direct:
        with progress(quiet=json) as bar:
            deciding = bar.add_task("decide (plans)", total=None)
            delivering = bar.add_task("deliver (messages)", total=None, start=False)

            def decided(done: int, of: int) -> None:
                bar.update(deciding, completed=done, total=of)
                if done == of:
                    bar.start_task(delivering)
                    bar.update(delivering, total=waiting(database, at))

            stop = Stop()
            with stop.listening(again_ends=True):
                result = run_directly(
                    settings, order, decided=decided, handed_over=lambda: bar.advance(delivering), stop=stop
                )
    else:
        from schedules.server import prefect_server

        with prefect_server(settings.home, say=None if json else err.print):
            from flows.dispatch import run_under_prefect

            result = run_under_prefect(settings, order)
    _print(result, json)


def _print(result: RunResult, json: bool) -> None:
    decision, delivered = result.decision, result.delivered
    if decision.stopped and not decision.plans and all("lies" in why for why in decision.stopped.values()):
        raise WrongInput(in_a_row(result.troubles))
    if json:
        print_json(result.as_json())
    else:
        out.print(f"Run of {shanghai_date(decision.now)}, round {decision.round or 'none yet'}")
        if decision.opened:
            entries = counted(decision.entries, "entry", "entries")
            out.print(f"  opened: {counted(decision.requests, 'request')}, {entries}")
        out.print(
            f"  rungs decided: {decision.rungs}; cases opened {decision.cases}, closed {decision.closed}, "
            f"open now {result.open_cases}"
        )
        out.print(
            f"  messages: {decision.messages} new; {delivered.sent} sent, {delivered.failed} failed, "
            f"{delivered.unknown} unknown, {result.withdrawn} withdrawn, {result.waiting} waiting"
        )
        for state, count in (("failed", delivered.failed), ("unknown", delivered.unknown)):
            if count:
                out.print(f"  {count} {state}: see eco outbox list --state {state}")
        for code, how in decision.outside.items():
            out.print(f"  {code} {how}: nothing is due there.", highlight=False)
        if decision.provisional:
            out.print(f"  {PROVISIONAL}")
        if not decision.plans and not decision.stopped:
            out.print("  The day's run was claimed before; nothing was decided anew.")
    if result.troubles:
        raise Refused(in_a_row(result.troubles))
