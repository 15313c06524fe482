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
from prefect.states import Completed, Failed
from pydantic import AwareDatetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.english import counted
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.gates import Gate, Milestone
from eco_workflow.log import bound
from eco_workflow.services.phase_work import PlansBroken, Worked
from flows.moment import asked_for, moment, settings_here
from flows.names import artifact_key
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
    """Runs the flows of the phases that are in force today, whatever plans there are.

    Ends as the worst of them does; one that fails does not keep the others from their day's work.
    """
    at = moment(now)
    keys = await asyncio.to_thread(keys_in_force, settings_here(), at)
    states: dict[str, State[Any]] = {key: await PHASES[key](now=at, return_state=True) for key in keys}
    said = ", ".join(f"{key}: {state.name}" for key, state in states.items()) or "no phase is in force"
    if not all(state.is_completed() for state in states.values()):
        return Failed(message=said)
    names = {state.name for state in states.values()}
    worst = next((name for name in WORST_FIRST if name in names), None)
    return Completed(name=worst, message=said, data=keys)


WORST_FIRST = ("Attention", "Overdue", "Held", "Waiting", "Ready")
"""How a look at a phase may end: a plan is broken or its date is not believed, one is past its end, one is
held, something is missing, nothing is.
"""


async def _look(key: str, plan: str | None, now: AwareDatetime | None) -> State[list[Worked]]:
    """The milestones of the phase in every plan (or in the one named), and what keeps it from closing."""
    at = moment(now)
    broken: dict[str, str] = {}
    try:
        with bound(flow_run=flow_run.id):
            found = await asyncio.to_thread(work_phase, settings_here(), at, key, plan)
    except WrongInput as refused:
        return Failed(name="Refused", message=str(refused))
    except PlansBroken as error:
        found, broken = error.worked, error.broken
    for worked in found:
        for milestone in worked.gate.milestones:
            look_at(f"{worked.plan} {milestone.code}", milestone, return_state=True)
        await acreate_markdown_artifact(
            key=artifact_key(key, worked.plan, shanghai_date(at)),
            markdown=as_text(worked),
            description=f"Phase {worked.title}",
        )
    name, said = outcome(found)
    if broken:
        name, said = "Attention", "; ".join([said, *(f"{code} is broken: {broken[code]}" for code in broken)])
    return Completed(name=name, message=said, data=found)


def outcome(found: list[Worked]) -> tuple[str | None, str]:
    """The name of the run's last state, and its message.

    Only a phase that is open is kept so by something; of any other the milestones are shown as they are now.
    """
    of_open = [worked for worked in found if worked.state == "open"]
    if not of_open:
        states = ", ".join(f"{worked.plan}: {worked.state}" for worked in found)
        said = f"in force in no plan ({states})" if states else "no plan that runs has this phase"
        return "Closed" if found and all(w.state == "closed" for w in found) else None, said
    lacking = sum(len(worked.gate.reasons) for worked in of_open)
    said = f"{counted(lacking, 'reason keeps', 'reasons keep')} it open" if lacking else "nothing is missing"
    held = [f"{worked.plan} is held since {worked.held_since}" for worked in of_open if worked.held_since]
    doubted = [f"{worked.plan}: {worked.doubted}" for worked in of_open if worked.doubted]
    said = "; ".join([said, *held, *doubted])
    if doubted:
        return "Attention", said
    if any(worked.outlived for worked in of_open):
        return "Overdue", said
    if held:
        return "Held", said
    return "Waiting" if lacking else "Ready", said


@task(task_run_name="{name}", cache_policy=NO_CACHE, retries=0, persist_result=False)
def look_at(name: str, milestone: Milestone) -> State[str]:
    """One milestone: its state is the task's own, its reasons stand in the message."""
    said = "; ".join(reason.said for reason in milestone.reasons)
    return Completed(name=milestone.state, message=said or "nothing is missing", data=name)


def as_text(worked: Worked) -> str:
    """The milestones with their states and reasons, as a page of the run shows them."""
    lines = [f"# {worked.plan}, phase {worked.phase} {worked.title}: {worked.state}", ""]
    if worked.held_since:
        lines += [f"The plan is held since {worked.held_since}: nothing is written down or told.", ""]
    if worked.doubted:
        lines += [f"Nothing is written down or told: {worked.doubted}", ""]
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
