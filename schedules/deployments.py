"""The timetable as Prefect knows it: deployments for the runner here, and `prefect.yaml` for a work pool."""

import importlib
from collections.abc import Iterable
from typing import Any

import yaml
from prefect import Flow
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from schedules.timetable import ON_DEMAND, TIMETABLE, ZONE, Job

AT_ONCE = 2
"""So many runs at a time: one that delivers slowly does not keep the day's run from deciding."""


def deployments(timetable: Iterable[Job]) -> list[RunnerDeployment]:
    """One deployment a job, by its name, ready to be served."""
    return [_deployment(job) for job in timetable]


def _deployment(job: Job) -> RunnerDeployment:
    module, _, name = job.flow.partition(":")
    found: Flow[..., Any] = getattr(importlib.import_module(module), name)
    made = found.to_deployment(
        name=job.name,
        schedule=Cron(job.cron, timezone=ZONE) if job.cron else None,
        description=job.why,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)
    return made


def as_yaml(timetable: Iterable[Job]) -> str:
    """The text of `prefect.yaml`: the same jobs for a work pool named `eco`, for more than one machine."""
    jobs = [
        {
            "name": job.name,
            "description": job.why,
            "entrypoint": job.flow.partition(":")[0].replace(".", "/") + ".py:" + job.flow.partition(":")[2],
            "schedules": [{"cron": job.cron, "timezone": ZONE}] if job.cron else [],
            "work_pool": {"name": "eco"},
        }
        for job in timetable
    ]
    return (
        "# The jobs of schedules/timetable.py for a Prefect work pool; make prefect.yaml writes it anew.\n"
        + yaml.safe_dump({"name": "eco-workflow", "deployments": jobs}, sort_keys=False, allow_unicode=True)
    )


if __name__ == "__main__":
    print(as_yaml((*TIMETABLE, *ON_DEMAND)), end="")  # noqa: T201
