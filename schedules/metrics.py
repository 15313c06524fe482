"""The engine's numbers in Prometheus' words. Labels name plans, states, clocks and rungs, nothing else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from eco_workflow.domain.messages import MessageState
from eco_workflow.domain.overdue import CASE_CLOCKS
from eco_workflow.services.measure import Measured

PLANS_NAMED = 50
"""With more plans than these, what is told by plan is told of all together, as plan `*`."""

RUNGS = range(1, 6)
ROUNDS = ("planned", "open", "taken_up", "skipped", "backfill")
"""Every series is there from the start, so that an alert sees it go back to 0."""

TOGETHER = "*"


@dataclass(frozen=True)
class Process:
    """One of the engine's own processes: whether it lives, and how often it was started again."""

    name: str
    alive: bool
    restarts: int


@dataclass(frozen=True, eq=False)
class Measures(Collector):
    """One scrape: what the books say, unless they could not be read, and how the processes fare."""

    now: datetime
    measured: Measured | None
    processes: Sequence[Process]

    def collect(self) -> Iterable[Metric]:
        """Every family; those of the books only where these could be read."""
        yield GaugeMetricFamily(
            "eco_database_up", "Whether the database could be read", float(self.measured is not None)
        )
        alive = GaugeMetricFamily("eco_child_up", "Whether a process of eco up lives", labels=["child"])
        restarts = CounterMetricFamily(
            "eco_child_restarts", "How often a process of eco up was started again", labels=["child"]
        )
        for process in self.processes:
            alive.add_metric([process.name], float(process.alive))
            restarts.add_metric([process.name], process.restarts)
        yield from (alive, restarts)
        healthy = self.measured is not None and not self.measured.health.wrong
        yield GaugeMetricFamily("eco_healthy", "Whether eco health finds nothing wrong", float(healthy))
        if self.measured is not None:
            yield from _of_plans(self.measured)
            yield from _of_work(self.measured, self.now)


def as_text(measures: Measures) -> bytes:
    """The answer to a scrape, with the usual numbers of this process itself."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(measures)
    return generate_latest(registry)


def _of_plans(measured: Measured) -> Iterable[Metric]:
    plans = measured.health.plans
    together = len(plans) > PLANS_NAMED

    def by_plan(family: Metric, of: Mapping[str, float], whole: Callable[[Iterable[float]], float]) -> Metric:
        """A series a plan, or one of all; `whole` makes it of theirs."""
        found = {TOGETHER: whole(of.values())} if together and of else of
        for plan, value in found.items():
            family.add_metric([plan], value)  # type: ignore[attr-defined]
        return family

    def gauge(name: str, means: str, of: Mapping[str, float | None]) -> Metric:
        known = {plan: float(value) for plan, value in of.items() if value is not None}
        return by_plan(GaugeMetricFamily(name, means, labels=["plan"]), known, max)

    runs = CounterMetricFamily("eco_runs", "Runs on record, one a plan and day", labels=["plan"])
    yield by_plan(runs, {plan.plan: float(measured.runs.get(plan.plan, 0)) for plan in plans}, sum)
    yield gauge(
        "eco_last_run_timestamp_seconds",
        "When the last run began",
        {plan.plan: plan.last_run_at.timestamp() if plan.last_run_at else None for plan in plans},
    )
    yield gauge(
        "eco_run_late_seconds",
        "How long after its time the last run that was due began, or has not begun",
        {plan.plan: plan.late_seconds for plan in plans},
    )
    yield gauge(
        "eco_run_missed",
        "Whether a run that was due has not begun for an hour",
        {plan.plan: plan.missed_since is not None for plan in plans},
    )
    yield gauge(
        "eco_run_unconfirmed",
        "Whether nothing is sent before a person confirms the date",
        {plan.plan: plan.to_confirm is not None for plan in plans},
    )
    yield gauge(
        "eco_calendar_provisional",
        "Whether a day ahead of the plan lies in a year whose working days are not known",
        {plan.plan: plan.provisional_from is not None for plan in plans},
    )
    rounds = GaugeMetricFamily("eco_rounds", "Rounds by state", labels=["plan", "state"])
    names = [TOGETHER] if together else [plan.plan for plan in plans]
    for name in names:
        for state in ROUNDS:
            count = sum(
                n for (plan, of), n in measured.rounds.items() if of == state and name in (plan, TOGETHER)
            )
            rounds.add_metric([name, state], count)
    yield rounds


def _of_work(measured: Measured, now: datetime) -> Iterable[Metric]:
    health = measured.health
    messages = GaugeMetricFamily("eco_messages", "Messages by state", labels=["state"])
    for message in MessageState:
        messages.add_metric([message], health.messages.get(message, 0))
    yield messages
    since = measured.oldest_pending_at
    yield GaugeMetricFamily(
        "eco_oldest_pending_seconds",
        "How long the oldest pending message has waited since the run of its day; 0 where none waits",
        max((now - since).total_seconds(), 0) if since else 0,
    )
    cases = GaugeMetricFamily("eco_open_cases", "Open cases by clock and rung", labels=["clock", "rung"])
    for clock in CASE_CLOCKS:
        for rung in RUNGS:
            cases.add_metric([clock, str(rung)], measured.cases.get((clock, rung), 0))
    yield cases
    if nights := health.nights:
        yield GaugeMetricFamily(
            "eco_night_wrong",
            "Whether the last night failed in a part, or found a broken audit chain",
            float(bool(nights.wrong)),
        )
        for what, at in (("backup", nights.backed_up_at), ("anchoring", nights.anchored_at)):
            if at is not None:
                name = f"eco_last_{what}_timestamp_seconds"
                yield GaugeMetricFamily(name, f"When a night's {what} last succeeded", at.timestamp())
    yield GaugeMetricFamily("eco_disk_free_bytes", "Free room for ECO_HOME", health.free_bytes)
