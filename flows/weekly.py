"""The engine's own report to the operators, written down before the day's run, in whose envelope it rides."""

import asyncio
from datetime import datetime

from prefect import State, flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import AwareDatetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import counted
from eco_workflow.log import bound
from flows.moment import asked_for, moment, settings_here
from flows.wiring import report_week


def run_name() -> str:
    """The run's name, by the date in Shanghai."""
    return f"weekly {shanghai_date(asked_for())}"


@flow(name="weekly", flow_run_name=run_name, retries=0, persist_result=False)
async def weekly(now: AwareDatetime | None = None) -> State[int]:
    """Writes the week's report down for every plan that runs, where it is not written yet.

    `now`: this moment where nothing else is given.
    """
    at = moment(now)
    with bound(flow_run=flow_run.id):
        written = await asyncio.to_thread(report_week, settings_here(), at)
    await acreate_markdown_artifact(key=f"weekly-{shanghai_date(at)}", markdown=weekly_text(at, written))
    said = f"{counted(written, 'report')} written" if written else "the week's are written"
    return Completed(message=said, data=written)


def weekly_text(at: datetime, written: int) -> str:
    """What an operator who looks at the run should know: that the report itself comes by mail."""
    year, week, _ = shanghai_date(at).isocalendar()
    return (
        f"Week {week} of {year}: {counted(written, 'new report')}. It reaches the office's liaison in the "
        "next envelope of a working day; of a plan that is held, has not begun or has ended there is none."
    )
