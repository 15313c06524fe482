"""What an operator starts about phases on a Prefect server, and what the server shows of it."""

import asyncio
import contextlib
import io
import os
import runpy
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import httpx
import pytest

from schedules.children import end, spawn
from schedules.timetable import TIMETABLE
from tests.flows.server import Server

ROOT = Path(__file__).parents[2]

MORNING = tuple(replace(job, cron=None) for job in TIMETABLE if job.name == "phase")
"""The job of every morning, here started by hand alone."""

LONG = 90.0
"""Seconds within which a small and busy machine starts a runner, and a run in a process of its own."""


@dataclass(frozen=True)
class Run:
    """A flow run as the server shows it when it is over."""

    id: str
    name: str
    type: str
    state: str
    message: str


@dataclass(frozen=True)
class Room:
    """The server, its deployments, and the installation that their flows work in."""

    server: Server
    home: Path

    @contextmanager
    def runner(self) -> Iterator[None]:
        """The runner as `eco up` starts it, on a timetable without hours."""
        environment = dict(os.environ) | {
            "ECO_HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        }
        table = "tests.flows.phase_room:MORNING"
        with (self.home.parent / "runner.log").open("ab") as log:
            child = spawn(
                [sys.executable, "-P", "-m", "schedules.runner", table, str(os.getpid())], environment, log
            )
            try:
                yield
            finally:
                end(child, 10)

    def register(self) -> None:
        """The same deployments, without the seconds that a runner takes to come."""
        from schedules.deployments import deployments
        from schedules.timetable import ON_DEMAND

        for deployment in deployments((*MORNING, *ON_DEMAND)):
            deployment.apply()

    def start(self, job: str, **parameters: Any) -> str:
        """An operator starts a deployment over REST; the id of the run."""
        with httpx.Client(base_url=self.server.url, trust_env=False) as client:
            found = client.get(f"/deployments/name/{job}/{job}").raise_for_status().json()
            body = {"parameters": parameters, "idempotency_key": str(uuid4())}
            for _ in range(5):
                asked = client.post(f"/deployments/{found['id']}/create_flow_run", json=body)
                if asked.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                    break
                time.sleep(1)  # its database is busy; Prefect's own clients wait likewise
            return str(asked.raise_for_status().json()["id"])

    def type_in(self, job: str, **parameters: str) -> str:
        """An operator starts a deployment from the command line of Prefect; the id of the run.

        In this process: the same command, without the seconds that its imports take.
        """
        given = [word for name, value in parameters.items() for word in ("--param", f"{name}={value}")]
        words = ["prefect", "deployment", "run", f"{job}/{job}", *given]
        out = io.StringIO()
        with (
            mock.patch.object(sys, "argv", words),
            contextlib.redirect_stdout(out),
            pytest.raises(SystemExit) as ended,
        ):
            runpy.run_module("prefect", run_name="__main__")
        assert not ended.value.code, out.getvalue()
        return out.getvalue().partition("UUID: ")[2].split()[0]

    def ended(self, run: str) -> Run:
        """Waits for a run to be over."""
        until = time.monotonic() + LONG
        while not (found := self._run(run)).type.startswith(("COMPLETED", "FAILED", "CRASHED")):
            assert time.monotonic() < until, found
            time.sleep(0.2)
        return found

    def look_in(self, *runs: str) -> list[Run]:
        """Runs that were started are executed in this process, all at once, as a runner executes each."""
        from prefect.events.worker import EventsWorker

        asyncio.run(_execute(runs))
        EventsWorker.drain_all(timeout=10)
        return [self._run(run) for run in runs]

    def _run(self, run: str) -> Run:
        [found] = self.server.found("flow_runs", flow_runs={"id": {"any_": [run]}})
        state = found["state"]
        return Run(run, found["name"], state["type"], state["name"], state["message"] or "")

    def within(self, run: Run) -> list[Run]:
        """The flows that a flow started, in their order."""
        found = self.server.found(
            "flow_runs", flow_runs={"parent_flow_run_id": {"any_": [run.id]}}, sort="START_TIME_ASC"
        )
        return [self._run(one["id"]) for one in found]

    def milestones(self, run: Run, count: int) -> dict[str, tuple[str, str]]:
        """The tasks of a run in their order, by name: state and message; `count`: how many are awaited."""
        until = time.monotonic() + 20
        while True:  # the server takes task runs out of events
            found = self.server.found("task_runs", flow_runs={"id": {"any_": [run.id]}})
            if len(found) == count and all(one["state_type"] == "COMPLETED" for one in found):
                found.sort(key=lambda one: str(one["start_time"]))
                return {one["name"]: (one["state"]["name"], one["state"]["message"]) for one in found}
            assert time.monotonic() < until, found
            time.sleep(0.2)

    def text(self, run: Run) -> str:
        """What a run left to read."""
        found = self.server.found("artifacts", artifacts={"flow_run_id": {"any_": [run.id]}})
        return "\n".join(one["data"] for one in found)


async def _execute(runs: tuple[str, ...]) -> None:
    from prefect import get_client
    from prefect.flow_engine import run_flow
    from prefect.flows import load_flow_from_flow_run

    async def execute(run: str) -> None:
        async with get_client() as client:
            flow_run = await client.read_flow_run(UUID(run))
        flow = await load_flow_from_flow_run(flow_run, use_placeholder_flow=False)
        going: Any = run_flow(flow, flow_run=flow_run, return_type="state")
        await going

    await asyncio.gather(*map(execute, runs))
