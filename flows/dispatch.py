"""A run under Prefect: the steps of `wiring.run_directly`, each seen as a task.

Prefect shows, our tables decide. Nothing is retried and nothing cached:
what a broken run left undone is done by the next one.
"""

import asyncio
import time
from contextvars import ContextVar
from datetime import date
from logging import WARNING
from math import ceil
from typing import Any, cast

import httpx
from prefect import State, flow, task
from prefect.artifacts import (
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.exceptions import TerminationSignal
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import AwareDatetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import counted, in_a_row
from eco_workflow.domain.errors import Unavailable
from eco_workflow.domain.rounds import RUN_AT, is_too_early
from eco_workflow.log import bound, note
from eco_workflow.services.deliver import Delivered
from eco_workflow.services.dispatch import Decision
from eco_workflow.services.run_result import RunResult
from eco_workflow.settings import Settings
from eco_workflow.stop import Ending, Stop
from flows.moment import asked_for, moment, settings_here
from flows.wiring import Order, conclude_run, decide_run, deliver_batch, waiting_now

MESSAGES_PER_TASK = 50
TASKS_AT_MOST = 10
"""Of a delivery, about: each costs Prefect a third of a second, and shows how far it is. Then they grow."""

SCHEDULE = "schedule"
"""Who answers for a run that nobody asked for."""

GIVEN: ContextVar[Settings] = ContextVar("GIVEN")
"""The settings of a run that was started in this process; one started over the API reads its own."""


def run_name() -> str:
    """The run's name, by the date in Shanghai."""
    return f"dispatch {shanghai_date(asked_for())}"


@flow(name="dispatch", flow_run_name=run_name, retries=0, persist_result=False)
async def dispatch(
    now: AwareDatetime | None = None,
    actor: str = SCHEDULE,
    only: tuple[str, ...] | None = None,
    confirmed: date | None = None,
) -> State[RunResult | None]:
    """Does everything that is due at `now`: decides, delivers, says what it came to.

    The parameters are those of `Order`; a schedule gives none, and this moment counts. Ends as `Overdue`
    while cases are open, else as `Attention` when a person must look at something. A start of an earlier day
    that comes late, before nine, ends as `TooEarly` and does nothing (docs/decisions/0032).
    """
    settings = GIVEN.get(None) or settings_here()
    at = moment(now)
    if is_too_early(asked_for(), at):
        today = shanghai_date(at)
        with bound(flow_run=flow_run.id, run=today):
            note("left to the day's run", level=WARNING)
        why = f"meant for {shanghai_date(asked_for())}: the run of {today} begins at {RUN_AT:%H:%M}"
        return Completed(name="TooEarly", message=why)
    order = Order(now=at, actor=actor, only=only, confirmed=confirmed)
    with bound(flow_run=flow_run.id):
        decision = await decide(settings, order)
        started = time.perf_counter()
        delivered = await deliver_all(settings, order)
        result = await summarise(settings, decision, delivered, time.perf_counter() - started)
    if result.open_cases:
        said = [f"{counted(result.open_cases, 'case is', 'cases are')} open", *result.troubles]
        return Completed(name="Overdue", message=in_a_row(said), data=result)
    if result.troubles:
        return Completed(name="Attention", message=in_a_row(result.troubles), data=result)
    return Completed(data=result)


@task(task_run_name="decide", cache_policy=NO_CACHE, retries=0, persist_result=False)
async def decide(settings: Settings, order: Order) -> Decision:
    """Decides everything that is due."""
    return await asyncio.to_thread(decide_run, settings, order)


async def deliver_all(settings: Settings, order: Order) -> Delivered:
    """Delivers batch after batch until nothing is left to try, and shows how far it is."""
    total = await asyncio.to_thread(waiting_now, settings, order.now)
    what = f"delivery of {total} messages"
    bar = await acreate_progress_artifact(0.0, key=f"delivery-{shanghai_date(order.now)}", description=what)
    each = max(MESSAGES_PER_TASK, ceil(total / TASKS_AT_MOST))
    done, first = Delivered(), 1
    while not done.ended:
        done.add(await deliver(settings, order, done.last_id, first, first + each - 1))
        first += each
        share = 1.0 if done.ended else min(1.0, (first - 1) / max(total, 1))
        await aupdate_progress_artifact(bar, 100.0 * share, what)
    return done


@task(task_run_name="deliver {first}-{last}", cache_policy=NO_CACHE, retries=0, persist_result=False)
async def deliver(settings: Settings, order: Order, behind: int, first: int, last: int) -> Delivered:
    """Delivers the `first` to `last` message of this run: those behind the id `behind`.

    Raises `Ending` when the run is told to end, as soon as it is written down what became of the message that
    was in hand: Prefect's own way to end, which is at once, has to wait for that.
    """
    stop = Stop()
    with stop.listening(again_ends=True):
        try:
            return await asyncio.to_thread(
                deliver_batch, settings, order.now, behind=behind, at_most=last - first + 1, stop=stop
            )
        finally:
            stop.say()  # also where the run was cancelled


@task(task_run_name="summarise", cache_policy=NO_CACHE, retries=0, persist_result=False)
async def summarise(
    settings: Settings, decision: Decision, delivered: Delivered, delivery_seconds: float
) -> RunResult:
    """What the run came to: a table of counts and seconds, and an event for each supervision alert."""
    result = await asyncio.to_thread(conclude_run, settings, decision, delivered)
    day = shanghai_date(decision.now)
    seconds = decision.seconds | {"deliver": delivery_seconds}
    await acreate_table_artifact(
        key=f"dispatch-{day}", table=summary_table(result, seconds), description=f"Run of {day}"
    )
    for message in result.alerts:
        emit_event("eco.supervision-alert", resource={"prefect.resource.id": f"eco.message.{message}"})
    return result


def summary_table(result: RunResult, seconds: dict[str, float]) -> list[dict[str, Any]]:
    """The rows of a run's table: what was written and sent, then how long each step took."""
    counts = result.as_json() | {
        "withdrawn": result.withdrawn,
        "later": result.delivered.later,
        "open cases": result.open_cases,
        "alerts": len(result.alerts),
    }
    del counts["round"]
    return [{"what": what, "count": count, "seconds": None} for what, count in counts.items()] + [
        {"what": step, "count": None, "seconds": round(taken, 3)} for step, taken in seconds.items()
    ]


def run_under_prefect(settings: Settings, order: Order) -> RunResult:
    """A whole run in this process, shown by the Prefect server in force.

    Raises what `wiring.run_directly` raises, `Ending` after a SIGTERM, and `Unavailable` when the Prefect
    server fails.
    """
    given = GIVEN.set(settings)
    try:
        found = asyncio.run(dispatch(order.now, order.actor, order.only, order.confirmed))
        EventsWorker.drain_all(timeout=10)  # the server may end right after this
    except httpx.HTTPError as error:
        raise Unavailable(
            f"The Prefect server failed in the middle of the run ({str(error) or type(error).__name__}). "
            "What was committed stands; run it again, or with --direct."
        ) from error
    except TerminationSignal as error:
        raise Ending(error.signal) from None
    finally:
        GIVEN.reset(given)
    # Prefect unpacks a returned state: what the caller gets is its data.
    return cast("RunResult", found)
