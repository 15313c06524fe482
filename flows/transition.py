"""An operator closes a phase from Prefect: the same act as `eco phase close`, recorded in our own books."""

import asyncio

from prefect import State, flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from pydantic import AwareDatetime

from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.log import bound
from eco_workflow.services.close_phase import Closed
from flows.moment import moment, settings_here
from flows.names import artifact_key
from flows.wiring import close_phase


def run_name() -> str:
    """The run's name, by the phase that is to be closed and who asked for it."""
    given = flow_run.parameters
    return f"close phase {given['phase']} by {given['operator']}"


@flow(name="transition", flow_run_name=run_name, retries=0, persist_result=False)
async def transition(
    phase: int,
    operator: str,
    conditional: bool = False,
    plan: str | None = None,
    now: AwareDatetime | None = None,
) -> State[Closed]:
    """Closes a phase and opens the next one.

    `operator`: who closes it, by the name that the books know (eco contact list, eco account list). With
    `conditional` over what a leader has passed (eco phase pass). Ends as `Refused` with every reason where
    the gate does not agree; then nothing has changed.
    """
    at = moment(now)
    key = artifact_key("transition", *([plan] if plan else []), phase, shanghai_date(at))
    try:
        with bound(flow_run=flow_run.id):
            done = await asyncio.to_thread(
                close_phase, settings_here(), at, phase, by=operator, only=plan, conditional=conditional
            )
    except (Refused, WrongInput) as refused:
        await acreate_markdown_artifact(key=key, markdown=f"```\n{refused}\n```\n")
        return Failed(name="Refused", message=str(refused))
    said = f"phase {done.phase} {done.title} is closed; " + (
        f"phase {done.opened} is open" if done.opened else "no phase follows"
    )
    await acreate_markdown_artifact(key=key, markdown=as_text(done, operator, said))
    return Completed(name="Closed", message=said, data=done)


def as_text(done: Closed, operator: str, said: str) -> str:
    """What was closed, by whom, what was closed out with it, and over what a leader passed."""
    lines = [f"By {operator}: {said}.", ""]
    if done.closed_out:
        lines.append(f"- closed out with it: {', '.join(done.closed_out)}")
    lines += [f"- passed over: {reason.said}" for reason in done.lacking]
    return "\n".join(lines) + "\n"
