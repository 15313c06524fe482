"""The office's own meetings, reports and issues: opened before the day's run, whose mail tells of them."""

import asyncio
from typing import Any

from prefect import State, flow
from prefect.artifacts import acreate_table_artifact
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import AwareDatetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import counted
from eco_workflow.log import bound
from eco_workflow.services.rhythms import Opened
from flows.dispatch import SCHEDULE
from flows.moment import asked_for, moment, settings_here
from flows.wiring import open_rhythms


def run_name() -> str:
    """The run's name, by the date in Shanghai."""
    return f"rhythms {shanghai_date(asked_for())}"


@flow(name="rhythms", flow_run_name=run_name, retries=0, persist_result=False)
async def rhythms(now: AwareDatetime | None = None) -> State[Opened]:
    """Opens what recurs for the office and is near, in every plan that runs; again changes nothing.

    `now`: this moment where nothing else is given. Ends as `Attention` where a plan is broken, or waits for a
    person to confirm the date.
    """
    at = moment(now)
    with bound(flow_run=flow_run.id):
        done = await asyncio.to_thread(open_rhythms, settings_here(), at, SCHEDULE)
    day = shanghai_date(at)
    table = rhythms_table(done)
    await acreate_table_artifact(key=f"rhythms-{day}", table=table, description=f"Rhythms of {day}")
    opened = sum(map(len, done.opened.values()))
    said = f"{counted(opened, 'turn')} opened" if opened else "nothing to open"
    amiss = [f"{plan}: {why}" for plan, why in done.doubted.items()]
    amiss += [f"broken: {', '.join(done.broken)}"] if done.broken else []
    if amiss:
        return Completed(name="Attention", message="; ".join([said, *amiss]), data=done)
    return Completed(message=said, data=done)


def rhythms_table(done: Opened) -> list[dict[str, Any]]:
    """What was opened, moved and closed by plan, and which plan is broken, or waits for a person."""
    rows = [
        {"plan": plan, "what": what, "found": ", ".join(codes)}
        for what, by_plan in (("opened", done.opened), ("moved", done.moved), ("closed", done.closed))
        for plan, codes in by_plan.items()
    ]
    for what, which in (("not done", done.doubted), ("broken", done.broken)):
        rows += [{"plan": plan, "what": what, "found": why} for plan, why in which.items()]
    return rows or [{"plan": "", "what": "opened", "found": "nothing"}]
