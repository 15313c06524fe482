"""What the demo's story has people do: each a service with its facts, to be called at the event's instant."""

from collections.abc import Callable
from datetime import date, datetime

from eco_workflow.domain.answers import Answer
from eco_workflow.domain.assigned import read_demand
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import (
    accounts,
    bounce,
    contacts,
    extension,
    hold,
    information,
    inspections,
    look,
    merge_units,
    progress,
    review,
    steps,
)
from eco_workflow.services.adhoc_round import plan_adhoc_round
from eco_workflow.services.assign_task import assign_task
from eco_workflow.services.demo_desk import agree_on_dates, record_what_others_set
from eco_workflow.services.demo_office import LEADER, MARKING, OPERATOR, SUPERVISOR, DemoOffice, liaison

Act = Callable[[DemoOffice, datetime], object]
"""Called with the event's instant. A string that it returns says what came of it."""

OFFICE = "chuangjianban"


def said(text: str) -> str:
    """Words that say of themselves that they are a demo's."""
    return f"{MARKING}\uff1a{text}"


def open_accounts() -> Act:
    """Operator, supervisor and leader get an account; a unit's people are the contacts of the plan."""

    def act(office: DemoOffice, now: datetime) -> None:
        admin = Actor(MARKING, frozenset({Role.ADMIN}))
        for person in (OPERATOR, SUPERVISOR, LEADER):
            [role] = person.roles
            accounts.add(office.database, person.name, role, now=now, by=admin, plan=office.plan)

    return act


def ask_adhoc(on: date, *items: str) -> Act:
    """An ad-hoc round to the office itself."""
    return lambda office, now: plan_adhoc_round(
        office.database, on=on, units=[OFFICE], items=items,
        note=said("第一阶段节点月底到期\uff0c请反馈完成情况"), now=now, by=OPERATOR, plan=office.plan,
    )  # fmt: skip


def give_back(unit: str, item: str, reason: str) -> Act:
    """The office returns an answer."""
    return lambda office, now: review.return_(
        office.database, unit, item, said(reason), office.days, now=now, by=OPERATOR, plan=office.plan
    )


def mend(unit: str, item: str, note: str) -> Act:
    """The unit answers anew what was returned."""
    return lambda office, now: progress.submit(
        office.database, unit, item, Answer(status="in_progress", note=said(note)),
        now=now, by=liaison(unit), plan=office.plan,
    )  # fmt: skip


def mail_came_back(address: str, sent_on: date, why: str) -> Act:
    """The mail of a day came back."""

    def act(office: DemoOffice, now: datetime) -> None:
        with office.database.read() as session:
            sent = look.messages(session, Viewer(MARKING), plan=office.plan, state="sent", on=sent_on)
        [message] = [row["id"] for row in sent if row["address"] == address]
        bounce.bounce(office.database, message, said(why), now=now, by=OPERATOR)

    return act


def replace(unit: str, role: str, name: str, address: str) -> Act:
    """A unit names another person."""

    def act(office: DemoOffice, now: datetime) -> None:
        person = contacts.Person(role, f"{name}\uff08{MARKING}\uff09", address)
        contacts.end(office.database, unit, role, now=now, by=OPERATOR, plan=office.plan)
        contacts.add(office.database, unit, person, now=now, by=OPERATOR, plan=office.plan)

    return act


def merge(old: str, new: str) -> Act:
    """One unit goes into another."""
    return lambda office, now: merge_units.merge(
        office.database, old, new, now=now, by=OPERATOR, plan=office.plan
    )


def stop_sending(reason: str) -> Act:
    """The plan is held."""
    return lambda office, now: hold.hold(
        office.database, said(reason), now=now, by=OPERATOR, plan=office.plan
    )


def go_on() -> Act:
    """The plan is held no longer."""
    return lambda office, now: hold.release(
        office.database, office.days, now=now, by=OPERATOR, plan=office.plan
    )


def ask_extension(unit: str, item: str, until: date, reason: str) -> Act:
    """A unit asks for a later date."""
    return lambda office, now: extension.ask(
        office.database, unit, item, until=until, reason=said(reason),
        now=now, by=liaison(unit), plan=office.plan,
    )  # fmt: skip


def decide(unit: str, item: str, *, grant: bool, reason: str = "") -> Act:
    """The office grants that, or refuses it."""
    return lambda office, now: extension.decide(
        office.database, unit, item, grant=grant, reason=said(reason) if reason else "",
        days=office.days, now=now, by=OPERATOR, plan=office.plan,
    )  # fmt: skip


def set_targets() -> Act:
    """What superiors set and what trends are compared with is recorded."""
    return record_what_others_set


def agree(*habits: str) -> Act:
    """Units of these habits propose dates and target figures, which are confirmed."""
    return lambda office, now: agree_on_dates(office, now, habits)


def add_steps(item: str, *planned: tuple[str, date]) -> Act:
    """An item gets steps of the same weight."""

    def act(office: DemoOffice, now: datetime) -> None:
        for title, due_on in planned:
            steps.add(
                office.database, item, said(title), weight=1, due_on=due_on,
                now=now, by=OPERATOR, plan=office.plan,
            )  # fmt: skip

    return act


def step_done(unit: str, item: str, *numbers: int) -> Act:
    """A unit reports steps done, and the office confirms them."""

    def act(office: DemoOffice, now: datetime) -> None:
        for n in numbers:
            steps.done(office.database, item, n, now=now, by=liaison(unit), plan=office.plan)
            steps.confirm(office.database, item, n, now=now, by=OPERATOR, plan=office.plan)

    return act


def instruct(unit: str, title: str, due_on: date) -> Act:
    """A leader's instruction is assigned."""
    return lambda office, now: assign_task(
        office.database, [unit], said(title), due_on=due_on, origin=said("领导批示"),
        days=office.days, now=now, by=OPERATOR, plan=office.plan,
    )  # fmt: skip


def inspect(scope: str, *demands: str) -> Act:
    """The supervision office inspects, and assigns what it found."""
    return lambda office, now: inspections.record(
        office.database, said(scope), team=SUPERVISOR.name, on=now.date(),
        findings=[read_demand(one, "--finding") for one in demands],
        days=office.days, now=now, by=SUPERVISOR, plan=office.plan,
    )  # fmt: skip


def offer(unit: str, text: str) -> Act:
    """A unit offers information for the bulletin."""
    return lambda office, now: information.offer(
        office.database, unit, said(text), now=now, by=liaison(unit), plan=office.plan
    )
