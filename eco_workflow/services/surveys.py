"""A survey is recorded, and what it found becomes its unit's figures (the source plan, 四(二十六))."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import OWED, STATUSES, Answer, checked, on_behalf_of
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.evidence import media_of
from eco_workflow.domain.free_text import bounded
from eco_workflow.domain.roles import Action, Actor
from eco_workflow.domain.surveys import Found, check_field, found_in, source_of
from eco_workflow.plans.schema import Indicator
from eco_workflow.services import standing
from eco_workflow.services.entry_acts import append
from eco_workflow.services.evidence import check_not_quarantined, lock
from eco_workflow.services.find import at_once, check_day_to_close, plan_named, target_for, unit_named
from eco_workflow.services.find_entry import Place
from eco_workflow.services.history import figures_for, standing_reports
from eco_workflow.services.indicator_facts import Stands, indicator_named, stands
from eco_workflow.services.progress import take
from eco_workflow.services.unasked import place_of_figure
from eco_workflow.settings import Settings
from eco_workflow.store import audit
from eco_workflow.store.content import Arrived, Content, check_ordinary
from eco_workflow.store.session import Database
from eco_workflow.store.tables import (
    Entry,
    Item,
    Obligation,
    Plan,
    Report,
    Survey,
    SurveyAnswer,
    SurveyFile,
    Unit,
)

LONGEST_NAME = 200
GIVING = ("lead", "data_provider")
"""Roles in which a unit gives an indicator's figures."""


@dataclass(frozen=True)
class Held:
    """A survey as a person tells of it."""

    name: str
    questionnaire: str
    """Path of the file."""
    sample: int
    from_on: date
    until_on: date
    report: str
    """Path of the file."""


@dataclass(frozen=True)
class Recorded:
    """A survey by its number, and how the indicators stand by what it found."""

    survey: int
    name: str
    unit: str
    on_behalf: bool
    indicators: tuple[Stands, ...]
    not_judged: tuple[str, ...]
    """Figures that cannot be judged yet, or never, and why."""


def record(
    database: Database,
    settings: Settings,
    held: Held,
    *,
    values: str,
    period: str = "",
    unit: str | None = None,
    now: datetime,
    by: Actor,
    plan: str | None = None,
) -> Recorded:
    """Keeps questionnaire and report, and records what the survey found as figures of the unit that held it:
    all of it or nothing.

    The unit's own people record it, or an operator for `unit`, which then confirms. The figures are an
    answer to the round that asks for them, or stand beside what it asks; the office reviews them as ever.

    Raises `WrongInput` for field days, sample, files or figures that cannot be; `Refused` for a unit that
    gives no figures of an indicator named, for a survey that is recorded already, and before the first round.
    """
    name = bounded(held.name, "--name", LONGEST_NAME)
    if not name:
        raise WrongInput("--name is missing: what the survey is called.")
    check_field(held.sample, held.from_on, held.until_on, shanghai_date(now))
    found = found_in(values, period, held.from_on, held.until_on)
    for paper in (held.questionnaire, held.report):
        check_ordinary(Path(paper))
    kinds = {"questionnaire": media_of(held.questionnaire), "report": media_of(held.report)}
    store = Content(settings.home)
    with (
        store.arriving(Path(held.questionnaire), max_mib=settings.evidence_max_mib) as questionnaire,
        store.arriving(Path(held.report), max_mib=settings.evidence_max_mib) as report,
        database.write() as session,
    ):
        plan_row = plan_named(session, plan)
        indicators = {code: indicator_named(session, plan_row, code) for code in found}
        check_day_to_close(session, plan_row, now)
        of = _giving(session, plan_row, [item for item, _ in indicators.values()], by, unit)
        means = "" if by.may(Action.ANSWER, unit=of.code) else "paper"
        on_behalf = on_behalf_of(of.code, by, Action.ANSWER, means, called=of.short)
        lock(session)
        arrived = {"questionnaire": questionnaire, "report": report}
        for one in arrived.values():
            check_not_quarantined(session, one.digest)
        _check_is_new(session, of, [item for item, _ in indicators.values()], report.digest)
        row = _kept(session, plan_row, of, held, name, kinds, arrived, now, by)
        # Places first, then the indicators' rows, in the order of their items: the order of every answer.
        by_place = sorted(indicators.items(), key=lambda one: one[1][0].id or 0)
        places = {
            code: place_of_figure(session, plan_row, of.code, item.code, now) for code, (item, _) in by_place
        }
        standing.take(session, [item for item, _ in indicators.values()])
        note = source_of(row.id or 0, name, row.sample, row.from_on, row.until_on)
        judged: list[Stands] = []
        unripe: list[str] = []
        for code, (item, indicator) in by_place:
            place = places[code]
            answer = _answer(session, place, indicator, found[code], note)
            said = _said(session, place, answer, now, by, on_behalf)
            assert row.id is not None
            assert said.id is not None
            session.add(SurveyAnswer(survey_id=row.id, item_id=place.entry.item_id, report_id=said.id))
            judged.append(stands(session, item, code))
            unripe += standing.not_judged(session, plan_row, item, said, shanghai_date(now))
        detail = {
            "survey": row.id, "name": name, "unit": of.code, "sample": row.sample, "from": row.from_on,
            "until": row.until_on, "figures": {code: vars(one) for code, one in found.items()},
            "digests": {part: one.digest for part, one in arrived.items()},
        }  # fmt: skip
        audit.record(session, {row.plan_id: detail}, at=now, actor=by.name, action="survey")
        for one in arrived.values():
            store.keep(one)
        return Recorded(row.id or 0, name, of.short, bool(on_behalf), tuple(judged), tuple(unripe))


def _giving(session: Session, plan: Plan, items: list[Item], by: Actor, named: str | None) -> Unit:
    """The unit whose figures they are: it gives those of every indicator, and the person acts for it."""
    giving: dict[int, dict[int, Unit]] = {
        item.id or 0: {
            owed.unit_id: unit
            for owed, unit in session.exec(
                select(Obligation, Unit)
                .join(Unit, col(Unit.id) == Obligation.unit_id)
                .where(Obligation.plan_id == plan.id, Obligation.item_id == item.id)
                .where(col(Obligation.role).in_(GIVING), Obligation.state != "not_applicable")
                .order_by(col(Unit.id))
            )
        }
        for item in items
    }
    of_all = [
        unit for id_, unit in giving[items[0].id or 0].items() if all(id_ in of for of in giving.values())
    ]
    if named is not None:
        of = unit_named(session, plan, named)
    elif not by.may(Action.RECORD_ON_BEHALF) and by.unit:
        of = unit_named(session, plan, by.unit)
    elif len(of_all) == 1:
        [of] = of_all
    else:
        known = "、".join(unit.short for unit in of_all) or "none gives all of these figures"
        raise WrongInput(f"Which unit held the survey? Name it with --unit: {known}.")
    if not by.may(Action.RECORD_ON_BEHALF):
        by.must(Action.ANSWER, unit=of.code, called=of.short, doing="recording a survey")
    for item in items:
        if of.id not in giving[item.id or 0]:
            known = "、".join(unit.short for unit in giving[item.id or 0].values()) or "none"
            raise Refused(f"{of.short} gives no figures of {item.code}. Who does: {known}.")
    return of


def _check_is_new(session: Session, of: Unit, items: list[Item], report: str) -> None:
    """Raises `Refused` where what the same report says of one of these indicators stands already."""
    ids = [item.id or 0 for item in items]
    standing_of = standing_reports(session, [of.id or 0], ids)
    said = {one.id: one for reports in standing_of.values() for one in reports}
    recorded = session.exec(
        select(SurveyAnswer, Item)
        .join(Survey, col(Survey.id) == SurveyAnswer.survey_id)
        .join(SurveyFile, col(SurveyFile.survey_id) == Survey.id)
        .join(Item, col(Item.id) == SurveyAnswer.item_id)
        .where(SurveyFile.part == "report", SurveyFile.digest == report, Survey.unit_id == of.id)
        .where(col(SurveyAnswer.item_id).in_(ids))
        .order_by(col(SurveyAnswer.survey_id), col(SurveyAnswer.item_id))
    )
    for answer, item in recorded:
        if answer.report_id in said:
            raise Refused(
                f"{item.code} from this report is there already: survey {answer.survey_id}. "
                f"{_instead(session, of, item, said[answer.report_id])}; or leave the indicator out."
            )


def _instead(session: Session, of: Unit, item: Item, said: Report) -> str:
    """How another figure is given in the place of one that stands; once accepted it is not taken back."""
    entry = session.get_one(Entry, (said.round_id, said.unit_id, said.item_id))
    if entry.state == "submitted":
        return f"Take that answer back first: eco report recall {of.short} {item.code}"
    if session.get_one(Obligation, (said.plan_id, of.id, item.id)).state == "closed":
        return f"It is closed; correct its figure with: eco indicator figure {item.code} --unit {of.short}"
    return (
        "It is accepted: record another survey with its own report; while the indicator is open, the office "
        f"asks anew with: {at_once(of, item)}"
    )


def _kept(
    session: Session,
    plan: Plan,
    of: Unit,
    held: Held,
    name: str,
    kinds: Mapping[str, tuple[str, str]],
    arrived: Mapping[str, Arrived],
    now: datetime,
    by: Actor,
) -> Survey:
    """The rows of the survey and its files."""
    assert plan.id is not None
    assert of.id is not None
    row = Survey(
        plan_id=plan.id,
        unit_id=of.id,
        name=name,
        sample=held.sample,
        from_on=held.from_on,
        until_on=held.until_on,
        actor=by.name,
        at=now,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    for part, one in arrived.items():
        file, media = kinds[part]
        session.add(
            SurveyFile(survey_id=row.id, part=part, name=file, media=media, size=one.size, digest=one.digest)
        )
    session.flush()
    return row


def _answer(session: Session, place: Place, indicator: Indicator, found: Found, note: str) -> Answer:
    """What the survey found as the unit's answer. A data provider has delivered once every figure is there;
    what a lead unit claims of its work, a survey does not say.
    """
    owed = place.obligation
    given = {word.partition("=")[0] for word in found.value.split()}
    before = figures_for(session, [owed.unit_id], [owed.item_id])[owed.unit_id, owed.item_id]
    wanted = {part.code for part in target_for(session, indicator, owed).parts}
    if owed.role == "data_provider" and wanted <= given | {figure.code for _, figure in before}:
        status = "completed"
    else:
        status = owed.state if owed.state in STATUSES and owed.state != "not_started" else "in_progress"
    return checked(Answer(status, found.value, found.period, note), place.item.code)


def _said(session: Session, place: Place, answer: Answer, now: datetime, by: Actor, on_behalf: str) -> Report:
    """The answer in the books. Of an indicator that is closed out it stands beside the accepted one, as every
    newer figure does.
    """
    if place.obligation.state == "closed" and place.entry.state not in OWED:
        return append(session, place, "submit", now=now, actor=by.name, answer=answer, on_behalf=on_behalf)
    said, _ = take(session, place, answer, now=now, actor=by.name, on_behalf=on_behalf)
    return said
