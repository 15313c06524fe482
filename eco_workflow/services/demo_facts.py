"""What the demo's story records besides answers: a survey that units' figures rest on, and money."""

from datetime import date, datetime

from eco_workflow.domain.targets import Part
from eco_workflow.plans.demands import target_of
from eco_workflow.services import funding, surveys
from eco_workflow.services.demo_acts import Act, said
from eco_workflow.services.demo_figures import figure_of
from eco_workflow.services.demo_office import MARKING, OPERATOR, DemoOffice, liaison
from eco_workflow.services.find import document, plan_named


def ask_the_public(unit: str, name: str, sample: int, from_on: date, until_on: date, *items: str) -> Act:
    """A unit holds a survey, which finds what these indicators demand."""

    def act(office: DemoOffice, now: datetime) -> None:
        with office.database.read() as session:
            read = document(session, plan_named(session, office.plan))
            parts = [part for one in read.indicators if one.id in items for part in target_of(one).parts]
        papers = [_paper(office, f"{name}{kind}", parts) for kind in ("问卷", "报告")]
        held = surveys.Held(said(name), papers[0], sample, from_on, until_on, papers[1])
        values = " ".join(f"{part.code}={figure_of(part):f}" for part in parts)
        surveys.record(
            office.database, office.settings, held, values=values, now=now, by=liaison(unit), plan=office.plan
        )

    return act


def _paper(office: DemoOffice, name: str, parts: list[Part]) -> str:
    folder = office.settings.home / "brought"
    folder.mkdir(exist_ok=True)
    file = folder / f"{MARKING}-{name}.txt"
    file.write_text(said(f"{name}\uff1a{'、'.join(part.name for part in parts)}\n"), encoding="utf-8")
    return str(file)


def fund(unit: str, item: str, **amounts: str) -> Act:
    """The office records what an item costs a unit, what arrived and what was spent, in 万元."""
    if "source" in amounts:
        amounts["source"] = said(amounts["source"])
    return lambda office, now: funding.set_(
        office.database, item, funding.Typed(**amounts), unit=unit, now=now, by=OPERATOR, plan=office.plan
    )
