"""What a unit has said about an item, and what of it still stands (DOMAIN 3.4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import bindparam, exists, func
from sqlmodel import Session, col, select

from eco_workflow.domain.answers import SET_ASIDE_FOR
from eco_workflow.domain.words import OCCURRED, PROGRESS, STATUS
from eco_workflow.services.find_entry import Place
from eco_workflow.store.tables import Entry, Figure, Obligation, Report, TakenOver

Key = tuple[int, int]
"""A unit and an item."""


_ACTS = (
    select(Report)
    .where(col(Report.unit_id).in_(bindparam("units", expanding=True)))
    .where(col(Report.item_id).in_(bindparam("items", expanding=True)))
    .where(col(Report.action).in_(("submit", "recall", "return")))
    .order_by(col(Report.round_id), col(Report.id))
)


def _acts(session: Session, units: Collection[int], items: Collection[int]) -> Iterable[Report]:
    """What these units said of these items and took back, and what the office returned, in order."""
    return session.exec(_ACTS, params={"units": list(units), "items": list(items)})


def _acts_by_key(session: Session, units: Collection[int], items: Collection[int]) -> dict[Key, list[Report]]:
    acts: dict[Key, list[Report]] = {}
    for report in _acts(session, units, items):
        acts.setdefault((report.unit_id, report.item_id), []).append(report)
    return acts


def standing_reports(
    session: Session, units: Collection[int], items: Collection[int]
) -> dict[Key, list[Report]]:
    """The answers of each unit on each item that were neither recalled nor returned, oldest first."""
    return {key: _answers(acts) for key, acts in _acts_by_key(session, units, items).items()}


def _answers(acts: Iterable[Report], undone_by: tuple[str, ...] = ("recall", "return")) -> list[Report]:
    """The answers among these acts that stand, oldest first."""
    said: list[Report] = []
    for report in acts:
        if report.action == "submit":
            said.append(report)
        elif report.action in undone_by and said:
            said.pop()
    return said


def last_report(session: Session, unit_id: int, item_id: int) -> Report | None:
    """The unit's last answer on an item that was neither recalled nor returned."""
    said = standing_reports(session, [unit_id], [item_id]).get((unit_id, item_id))
    return said[-1] if said else None


def shown_in(session: Session, entries: Collection[Entry]) -> dict[tuple[int, int, int], Report]:
    """What a list shows of entries, by round, unit and item, where there is anything.

    The last answer to that round, also where the office returned it, and never that of a later round; of an
    entry without one the answer that stands from an earlier round, with which it comes prefilled.
    """
    acts = _acts_by_key(session, {e.unit_id for e in entries}, {e.item_id for e in entries})
    found: dict[tuple[int, int, int], Report] = {}
    for entry in entries:
        done = acts.get((entry.unit_id, entry.item_id), [])
        answer = _last_answer([act for act in done if act.round_id == entry.round_id])
        former = _answers(act for act in done if act.round_id < entry.round_id)
        if shown := answer or (former[-1] if former else None):
            found[entry.round_id, entry.unit_id, entry.item_id] = shown
    return found


def why_set_aside(session: Session, entries: Collection[Entry]) -> dict[tuple[int, int, int], str]:
    """By which decision entries were set aside and why, by round, unit and item: `suspended: 项目调整`."""
    if not entries:
        return {}
    acts = session.exec(
        select(Report)
        .where(col(Report.unit_id).in_({entry.unit_id for entry in entries}))
        .where(col(Report.item_id).in_({entry.item_id for entry in entries}))
        .where(col(Report.action).in_(SET_ASIDE_FOR))
        .order_by(col(Report.id))
    )
    return {
        (act.round_id, act.unit_id, act.item_id): f"{SET_ASIDE_FOR[act.action]}: {act.reason}" for act in acts
    }


def figures_in(session: Session, reports: Iterable[Report]) -> list[Figure]:
    """The figures that were given in these reports, by report and part."""
    ids = [report.id for report in reports]
    return list(
        session.exec(
            select(Figure)
            .where(col(Figure.report_id).in_(ids))
            .order_by(col(Figure.report_id), col(Figure.code), col(Figure.kind))
        )
    )


def standing_figures(
    session: Session, units: Collection[int], items: Collection[int]
) -> dict[Key, list[Figure]]:
    """The figures that stand, of each unit on each item: of every part the last that was given.

    What was taken back or returned does not stand. But a later answer that gives no figure does not
    withdraw an earlier one: nobody is held to owe a figure that he gave.
    """
    reports = standing_reports(session, units, items)
    given: dict[int, list[Figure]] = {}
    for figure in figures_in(session, chain.from_iterable(reports.values())):
        given.setdefault(figure.report_id, []).append(figure)
    return {
        key: list({(f.code, f.kind): f for report in said for f in given.get(report.id or 0, [])}.values())
        for key, said in reports.items()
    }


_TAKEN_OVER = (
    select(TakenOver)
    .where(col(TakenOver.unit_id).in_(bindparam("units", expanding=True)))
    .where(col(TakenOver.item_id).in_(bindparam("items", expanding=True)))
    # Who owes the item again by a later document speaks for itself.
    .where(
        ~exists().where(
            col(Obligation.plan_id) == TakenOver.plan_id,
            col(Obligation.unit_id) == TakenOver.from_unit_id,
            col(Obligation.item_id) == TakenOver.item_id,
        )
    )
)


def speakers(session: Session, units: Collection[int], items: Collection[int]) -> dict[Key, list[int]]:
    """Whose answers stand for each of these units on each of these items: its own, and those of the units
    from which it took the item over (DOMAIN 5).
    """
    found = {(unit, item): [unit] for unit in units for item in items}
    for row in session.exec(_TAKEN_OVER, params={"units": list(units), "items": list(items)}):
        found[row.unit_id, row.item_id].append(row.from_unit_id)
    return found


def figures_for(
    session: Session, units: Collection[int], items: Collection[int]
) -> dict[Key, list[tuple[int, Figure]]]:
    """The figures that stand for what each unit owes on each item, and which unit gave them.

    Who took the item over and those before it speak as one: of every part the last figure given stands.
    """
    spoke = speakers(session, units, items)
    given = standing_figures(session, {unit for of in spoke.values() for unit in of}, items)
    found: dict[Key, list[tuple[int, Figure]]] = {}
    for (unit, item), of in spoke.items():
        said = [(one, figure) for one in of for figure in given.get((one, item), [])]
        said.sort(key=lambda pair: pair[1].report_id)
        found[unit, item] = list({(figure.code, figure.kind): (one, figure) for one, figure in said}.values())
    return found


def in_words(report: Report, figures: Iterable[Figure], item_code: str) -> str:
    """An answer and its figures in an official's words: 推进中，I07.1 95.3（2021），I07.2 28（2021）."""
    said = [_gist(report)]
    for figure in figures:
        part = "" if figure.code == item_code else f"{figure.code} "
        said.append(f"{part}{figure.value}" + (f"（{figure.period}）" if figure.period else ""))
    return "，".join(said)


def _gist(report: Report) -> str:
    if report.occurred is not None:
        return OCCURRED[report.occurred]
    return STATUS[report.status] if report.progress is None else PROGRESS[report.progress]


@dataclass(frozen=True)
class Said:
    """What a unit last said of an item in words, and why the office returned it if that is where it stands.

    Answers that were recalled were never said; both are empty where there is nothing.
    """

    last: str = ""
    returned: str = ""


def said_of(session: Session, codes: Mapping[Key, str]) -> dict[Key, Said]:
    """What units said of items, whose codes are given, for each that they ever spoke of."""
    of_all = _acts_by_key(session, {unit for unit, _ in codes}, {item for _, item in codes})
    acts = {key: done for key, done in of_all.items() if key in codes}
    last = {key: answer for key, done in acts.items() if (answer := _last_answer(done))}
    figures: dict[int, list[Figure]] = {}
    for figure in figures_in(session, last.values()) if last else ():
        figures.setdefault(figure.report_id, []).append(figure)
    return {
        key: Said(
            in_words(last[key], figures.get(last[key].id or 0, ()), codes[key]) if key in last else "",
            done[-1].reason if done[-1].action == "return" else "",
        )
        for key, done in acts.items()
    }


def _last_answer(acts: Sequence[Report]) -> Report | None:
    """The last answer among these acts, also where the office returned it."""
    said = _answers(acts, undone_by=("recall",))
    return said[-1] if said else None


def confirmed_at(session: Session, answer: Report) -> datetime | None:
    """When the unit confirmed an answer that was recorded on its behalf."""
    return session.exec(
        select(func.max(Report.at)).where(
            Report.round_id == answer.round_id,
            Report.unit_id == answer.unit_id,
            Report.item_id == answer.item_id,
            Report.action == "confirm",
            col(Report.id) > answer.id,
        )
    ).one()


def unconfirmed(session: Session, place: Place) -> Report | None:
    """The entry's answer, where the office recorded it and the unit has not confirmed it yet."""
    last = last_report(session, place.entry.unit_id, place.entry.item_id)
    if last is None or last.round_id != place.entry.round_id or not _is_unconfirmed(session, last):
        return None
    return last


def waits_to_be_confirmed(session: Session, answer: Report) -> bool:
    """Whether the office recorded an answer, which is still the unit's last and not confirmed by it."""
    last = last_report(session, answer.unit_id, answer.item_id)
    return last == answer and _is_unconfirmed(session, answer)


def _is_unconfirmed(session: Session, answer: Report) -> bool:
    return bool(answer.on_behalf) and confirmed_at(session, answer) is None
