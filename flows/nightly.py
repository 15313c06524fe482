"""What keeps the house in order at night: a backup, the audit chains anchored, old texts emptied."""

import asyncio
from typing import Any

from prefect import State, flow
from prefect.artifacts import acreate_table_artifact
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import AwareDatetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import counted, sized
from eco_workflow.log import bound
from eco_workflow.services.night import Kept
from flows.dispatch import SCHEDULE
from flows.moment import asked_for, moment, settings_here
from flows.wiring import keep_house


def run_name() -> str:
    """The run's name, by the date in Shanghai."""
    return f"nightly {shanghai_date(asked_for())}"


@flow(name="nightly", flow_run_name=run_name, retries=0, persist_result=False)
async def nightly(now: AwareDatetime | None = None) -> State[Kept]:
    """Backs everything up and anchors the audit chains, then empties texts of messages past their time.

    `now`: this moment where nothing else is given. Ends as `Attention` where a part failed or
    an audit chain is broken.
    """
    at = moment(now)
    with bound(flow_run=flow_run.id):
        kept = await asyncio.to_thread(keep_house, settings_here(), at, SCHEDULE)
    day = shanghai_date(at)
    await acreate_table_artifact(key=f"nightly-{day}", table=night_table(kept), description=f"Night of {day}")
    backup = kept.backup.file.name if kept.backup else "no backup"
    said = f"{backup}; {counted(kept.purged, 'text')} emptied"
    if kept.wrong:
        said = "; ".join([*kept.wrong, said])
        return Completed(name="Attention", message=said, data=kept)
    return Completed(message=said, data=kept)


def night_table(kept: Kept) -> list[dict[str, Any]]:
    """What the night left behind, and whatever is wrong."""
    rows = [("backup", "none")]
    if made := kept.backup:
        rows = [
            ("backup", made.file.name),
            ("size", sized(made.size)),
            ("holds", f"{counted(made.rows, 'row')}, {counted(made.files, 'file')}"),
            ("older backups removed", str(len(made.removed))),
        ]
    rows += [("texts emptied", str(kept.purged)), *(("wrong", one) for one in kept.wrong or ("nothing",))]
    return [{"what": what, "found": found} for what, found in rows]
