"""The four phases as flows: their milestones are tasks, in order, each with its state and reasons (DOMAIN 7).

Running one looks, at any time. What a phase does by itself it does where it is in force, once a day; to
close it is another flow (`flows/transition.py`).
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from prefect import State, flow, task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import AwareDatetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import counted
from eco_workflow.domain.gates import Gate, Milestone
from eco_workflow.log import bound
from eco_workflow.services.phase_work import Worked
from flows.moment import asked_for, moment, settings_here
from flows.wiring import keys_in_force, work_phase


def run_name() -> str:
    """The run's name, by the phase and the date in Shanghai."""
    return f"{flow_run.flow_name} {shanghai_date(asked_for())}"


@flow(name="launch", flow_run_name=run_name, retries=0, persist_result=False)
async def launch(plan: str | None = None, now: AwareDatetime | None = None) -> State[list[Worked]]:
    """Phase 1, 组织启动: every unit gets its task sheet; milestones M1.1 to M1.3."""
    return await _look("launch", plan, now)


@flow(name="implementation", flow_run_name=run_name, retries=0, persist_result=False)
async def implementation(plan: str | None = None, now: AwareDatetime | None = None) -> State[list[Worked]]:
    """Phase 2, 全面推进: rounds, summaries, evidence and indicators; milestones M2.1 to M2.3."""
    return await _look("implementation", plan, now)


@flow(name="assessment", flow_run_name=run_name, retries=0, persist_result=False)
async def assessment(plan: str | None = None, now: AwareDatetime | None = None) -> State[list[Worked]]:
    """Phase 3, 考核验收: findings and their rectifications, veto items; milestones M3.1 to M3.4."""
    return await _look("assessment", plan, now)


@flow(name="consolidation", flow_run_name=run_name, retries=0, persist_result=False)
async def consolidation(plan: str | None = None, now: AwareDatetime | None = None) -> State[list[Worked]]:
    """Phase 4, 深化提升: fallen indicators, current figures; milestones M4.1 to M4.3."""
    return await _look("consolidation", plan, now)


PHASES: dict[str, Callable[..., Coroutine[Any, Any, Any]]] = {
    "launch": launch,
    "implementation": implementation,
    "assessment": assessment,
    "consolidation": consolidation,
}


@flow(name="phase", flow_run_name=run_name, retries=0, persist_result=False)
async def phase(now: AwareDatetime | None = None) -> State[list[str]]:
    """Runs the flows of the phases that are in force today, whatever plans there are."""
    at = moment(now)
    keys = await asyncio.to_thread(keys_in_force, settings_here(), at)
    for key in keys:
        await PHASES[key](now=at)
    return Completed(message=", ".join(keys) or "no phase is in force", data=keys)


async def _look(key: str, plan: str | None, now: AwareDatetime | None) -> State[list[Worked]]:
    """The milestones of the phase in every plan (or in the one named), and what keeps it from closing."""
    at = moment(now)
    with bound(flow_run=flow_run.id):
        found = await asyncio.to_thread(work_phase, settings_here(), at, key, plan)
    for worked in found:
        for milestone in worked.gate.milestones:
            look_at(f"{worked.plan} {milestone.code}", milestone, return_state=True)
        shown = as_text(worked)
        of_plan = f"{key}-{worked.plan}-{shanghai_date(at)}".lower()
        await acreate_markdown_artifact(key=of_plan, markdown=shown, description=f"Phase {worked.title}")
    lacking = sum(len(worked.gate.reasons) for worked in found)
    said = f"{counted(lacking, 'reason keeps', 'reasons keep')} it open" if lacking else "nothing is missing"
    if any(worked.outlived for worked in found):
        return Completed(name="Overdue", message=said, data=found)
    return Completed(name="Waiting" if lacking else "Ready", message=said, data=found)


@task(task_run_name="{name}", cache_policy=NO_CACHE, retries=0, persist_result=False)
def look_at(name: str, milestone: Milestone) -> State[str]:
    """One milestone: its state is the task's own, its reasons stand in the message."""
    said = "; ".join(reason.said for reason in milestone.reasons)
    return Completed(name=milestone.state, message=said or "nothing is missing", data=name)


def as_text(worked: Worked) -> str:
    """The milestones with their states and reasons, as a page of the run shows them."""
    lines = [f"# {worked.plan}, phase {worked.phase} {worked.title}: {worked.state}", ""]
    for milestone in worked.gate.milestones:
        due = f", due {milestone.due_on}" if milestone.due_on else ""
        lines.append(f"- **{milestone.code} {milestone.title}: {milestone.state}**{due}")
        lines += [f"    - {reason.said}" for reason in milestone.reasons]
    lines += [f"- {reason.said}" for reason in _beside(worked.gate)]
    if worked.sheets:
        lines.append(f"- {counted(worked.sheets, 'task sheet')} written, for the next envelopes")
    if worked.wanted:
        lines.append(f"- a current figure asked for of {counted(worked.wanted, 'indicator')}")
    return "\n".join(lines) + "\n"


def _beside(gate: Gate) -> list[Any]:
    of_milestones = {reason.key for milestone in gate.milestones for reason in milestone.reasons}
    return [reason for reason in gate.beside if reason.key not in of_milestones]
