"""Hands over what waits between two runs: messages put off by a server, and those that leave at once.

Where the day's own run was lost it is made good here: nobody starts runs by hand.
"""

from datetime import datetime
from logging import WARNING
from typing import Any

from prefect import State, flow
from prefect.artifacts import acreate_table_artifact
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import AwareDatetime

from eco_workflow.domain.clock import shanghai_date, wall_time
from eco_workflow.domain.english import counted
from eco_workflow.log import bound, note
from eco_workflow.services.deliver import Delivered
from eco_workflow.settings import Settings
from flows.dispatch import SCHEDULE, deliver_all, dispatch
from flows.moment import asked_for, moment, settings_here
from flows.wiring import Order, plans_missed, waiting_now


def run_name() -> str:
    """The run's name, by the wall of the office."""
    return f"deliver {wall_time(asked_for())}"


@flow(name="deliver", flow_run_name=run_name, retries=0, persist_result=False)
async def deliver_waiting(now: AwareDatetime | None = None) -> State[Any]:
    """Delivers today's pending messages, those of today's run and those that leave at once.

    `now`: this moment where nothing else is given. Ends as `Attention` when some could not be delivered.
    Plans whose run of today should have begun long ago and has not are run, which delivers too; it ends as
    that run does (docs/decisions/0038).
    """
    at = moment(now)
    settings = settings_here()
    if plans := plans_missed(settings, at):
        made_good = await make_good(at, tuple(plans))
        if made_good.is_failed():  # what keeps it from being decided keeps back nothing that waits
            await deliver_what_waits(settings, at)
        return made_good
    return await deliver_what_waits(settings, at)


async def make_good(now: datetime, plans: tuple[str, ...]) -> State[Any]:
    """The day's run of the plans that lack it, in one, and of no other: what came to run after nine has its
    own day. Like every run it delivers whatever waits. A failure is a state, too.
    """
    with bound(flow_run=flow_run.id, run=shanghai_date(now)):
        for plan in plans:
            note("makes good the day's run", level=WARNING, plan=plan)
    state: State[Any] = await dispatch(now, only=plans, return_state=True)
    if state.is_failed():
        return state
    return Completed(name=state.name, message=state.message, data=await state.aresult())


async def deliver_what_waits(settings: Settings, at: datetime) -> State[Any]:
    """Hands over what waits now, if anything does."""
    if not waiting_now(settings, at):
        return Completed(message="nothing waits", data=Delivered(ended=True))
    with bound(flow_run=flow_run.id):
        done = await deliver_all(settings, Order(now=at, actor=SCHEDULE))
    await acreate_table_artifact(
        key=f"deliver-{shanghai_date(at)}",
        table=delivery_table(done),
        description=f"Delivery of {wall_time(at)}",
    )
    said = f"{done.sent} sent"
    if left := done.failed + done.unknown + done.later:
        return Completed(name="Attention", message=f"{said}, {counted(left, 'message')} not", data=done)
    return Completed(message=said, data=done)


def delivery_table(done: Delivered) -> list[dict[str, Any]]:
    """How many messages went which way, and where those that did not leave are seen."""
    look = {
        "failed": "eco outbox list --state failed",
        "unknown": "eco outbox list --state unknown",
        "later": "eco outbox list --state pending",
    }
    return [
        {"messages": way, "count": count, "see": look.get(way, "")} for way, count in done.counts().items()
    ]
