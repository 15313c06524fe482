"""Everything that people can try about phases, veto items, evidence, assigned work and rhythms."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from eco_workflow.domain.assigned import Demand
from eco_workflow.domain.roles import Actor
from eco_workflow.services import (
    assign_task,
    clear_veto,
    close_phase,
    decide_veto,
    evidence,
    evidence_review,
    extension,
    findings,
    inspections,
    issues,
    note_round,
    pass_phase,
    release_summary,
    review,
    rhythm_done,
    suspension,
)
from tests.office import OPERATOR, SUPERVISOR, liaison
from tests.phase_office import LEADER
from tests.properties.phase_agreed import decide, propose, record
from tests.properties.phase_figures import answer, newer, recall, report, survey
from tests.properties.phase_world import PhaseWorld

UNITS = ("shuili", "huanbao")
OFFICES = (OPERATOR, SUPERVISOR)
YEARS = (2020, 2021, 2022)
Deed = Callable[[PhaseWorld, random.Random], object]


def _office(unit: str, chance: random.Random) -> Actor:
    """Mostly the one that decides about the unit; the office does not judge its host bureau."""
    return chance.choice((*OFFICES, *(SUPERVISOR if unit == "huanbao" else OPERATOR,) * 4))


def _close(world: PhaseWorld, chance: random.Random) -> None:
    """Mostly the open one."""
    number, conditional = _phase(world, chance), chance.random() < 0.4
    world.try_(
        f"close {number}{' conditionally' * conditional}",
        lambda: close_phase.close(
            world.office.database, number, conditional=conditional, by=OPERATOR, **world.moment
        ),
    )


def _pass(world: PhaseWorld, chance: random.Random) -> None:
    number, until = _phase(world, chance), world.today + timedelta(days=chance.choice((1, 20, 90)))
    world.try_(
        f"pass {number} until {until}",
        lambda: pass_phase.pass_conditionally(
            world.office.database, number, reason="材料在印", until=until, by=LEADER, **world.moment
        ),
    )


def _phase(world: PhaseWorld, chance: random.Random) -> int:
    known = [number for number, row in world.seen.phases.items() if row["state"] == "open"]
    return chance.choice([*known * 4, 1, 2, 3])


def _waive(world: PhaseWorld, chance: random.Random) -> None:
    does = chance.choice((_waived, pass_phase.withdraw_waiver))
    code = chance.choice(("I03", "I03", "I01"))
    world.try_(f"waiver {code}", lambda: does(world.office.database, code, by=OPERATOR, **world.moment))


def _waived(database: Any, code: str, **how: Any) -> object:
    return pass_phase.waive(database, code, reason="省级未作要求", **how)


def _declare(world: PhaseWorld, chance: random.Random) -> None:
    by = chance.choice((liaison("huanbao"), OPERATOR))
    report(world, "huanbao", "V1", "in_progress", by, occurred=chance.random() < 0.8, note="有情况")


def _decide(world: PhaseWorld, chance: random.Random) -> None:
    does = chance.choice((decide_veto.confirm, decide_veto.mark_error, decide_veto.mark_error))
    by = _office("huanbao", chance)
    world.try_(
        f"{does.__name__} V1",
        lambda: does(world.office.database, "V1", "huanbao", "现场核查", by=by, **world.moment),
    )


def _clear(world: PhaseWorld, _: random.Random) -> None:
    world.try_(
        "clear V1",
        lambda: clear_veto.clear(
            world.office.database, "V1", "huanbao", "县政府函", by=LEADER, **world.moment
        ),
    )


def _due(world: PhaseWorld, chance: random.Random) -> date:
    return world.today + timedelta(days=chance.choice((0, 7, 30)))


def _units(chance: random.Random) -> list[str]:
    return chance.sample(UNITS, chance.randint(1, 2))


def _find(world: PhaseWorld, chance: random.Random) -> None:
    at = chance.choice(("M3.1", "M3.1", "M2.1", "M2.2", "M1.1", "I01"))
    units, due = _units(chance), _due(world, chance)
    title = f"问题{len(world.done)}"
    world.try_(
        f"find at {at} {units} due {due}",
        lambda: findings.add(
            world.office.database, at, units, title, due_on=due, reviewer="评审组",
            days=world.office.days, by=chance.choice(OFFICES), **world.moment,
        ),
        lambda made: {made.item: (title, frozenset(units), at)},
    )  # fmt: skip


def _assign(world: PhaseWorld, chance: random.Random) -> None:
    units, due, title = _units(chance), _due(world, chance), f"任务{len(world.done)}"
    world.try_(
        f"assign {units} due {due}",
        lambda: assign_task.assign_task(
            world.office.database, units, title, due_on=due, origin="县长批示",
            days=world.office.days, by=OPERATOR, **world.moment,
        ),
        lambda made: {made.item: (title, frozenset(units), "")},
    )  # fmt: skip


def _inspect(world: PhaseWorld, chance: random.Random) -> None:
    """One of its demands may be due too soon: then nothing of it is recorded."""
    demands = [Demand(unit, f"整改{len(world.done)}{unit}", _due(world, chance)) for unit in _units(chance)]
    world.try_(
        f"inspect {demands}",
        lambda: inspections.record(
            world.office.database, "河道", team="督查组", on=world.today, findings=demands,
            days=world.office.days, by=SUPERVISOR, **world.moment,
        ),
        lambda made: {
            task.item: (demand.title, frozenset({demand.unit}), "")
            for task, demand in zip(made.tasks, demands, strict=True)
        },
    )  # fmt: skip


def _meet(world: PhaseWorld, chance: random.Random) -> None:
    code = chance.choice(("M2022-Q1", "M2022-Q2"))
    demands = [Demand(unit, f"决议{len(world.done)}{unit}", _due(world, chance)) for unit in _units(chance)]
    held = world.today - timedelta(days=chance.randint(0, 3))

    def tasks(_: Any) -> dict[str, tuple[str, frozenset[str], str]]:
        new = [owed for owed in world.seen.owing if owed.item not in world.assigned]
        titles = {demand.title: demand.unit for demand in demands}
        assert sorted(owed.title for owed in new) == sorted(titles)
        return {owed.item: (owed.title, frozenset({titles[owed.title]}), "") for owed in new}

    world.try_(
        f"meet {code} on {held} {demands}",
        lambda: rhythm_done.done(
            world.office.database, code, on=held, minutes="纪要", days=world.office.days, by=OPERATOR,
            resolutions=[f"{one.unit}: {one.title}: {one.due_on}" for one in demands], **world.moment,
        ),
        tasks,
    )  # fmt: skip


def _issue(world: PhaseWorld, chance: random.Random) -> None:
    code, unit = chance.choice(("B2022-03", "B2022-04")), chance.choice(UNITS)
    world.try_(
        f"release {code}",
        lambda: issues.release(
            world.office.database, code, text="正文", days=world.office.days, by=OPERATOR, **world.moment
        ),
    )
    world.try_(
        f"receipt {code} {unit}",
        lambda: issues.receipt(
            world.office.database, code, unit, days=world.office.days, by=liaison(unit), **world.moment
        ),
    )


def _claim(world: PhaseWorld, chance: random.Random) -> None:
    """Something assigned, or a milestone, is reported on."""
    choice = [(owed.unit, owed.item) for owed in world.seen.owing]
    milestones = [("chuangban", "M1.1"), ("huanbao", "M2.1"), ("chuangban", "M2.2"), ("chuangban", "M3.1")]
    unit, item = chance.choice([*choice, *milestones])
    report(world, unit, item, chance.choice(("completed", "completed", "in_progress")))


def _any_report(world: PhaseWorld, chance: random.Random) -> tuple[str, str]:
    assigned = [(owed.unit, owed.item) for owed in world.seen.owing]
    fixed = [("huanbao", "V1"), ("shuili", "I01"), ("huanbao", "I02"), ("huanbao", "M2.1"),
             ("chuangban", "M2.2"), ("chuangban", "M3.1"), ("chuangban", "M1.1")]  # fmt: skip
    return chance.choice([*assigned, *fixed])


def _take_back(world: PhaseWorld, chance: random.Random) -> None:
    unit, item = _any_report(world, chance)
    recall(world, unit, item, chance.choice((liaison(unit), liaison(unit), OPERATOR)))


def _return(world: PhaseWorld, chance: random.Random) -> None:
    unit, item = _any_report(world, chance)
    by = _office(unit, chance)
    world.try_(
        f"return {unit} {item}",
        lambda: review.return_(
            world.office.database, unit, item, "请核实", world.office.days, by=by, **world.moment
        ),
    )


def _close_out(world: PhaseWorld, chance: random.Random) -> None:
    unit, item = _any_report(world, chance)
    by = _office(unit, chance)
    if item.startswith("R") and chance.random() < 0.7:
        world.try_(
            f"close finding {item}",
            lambda: findings.close(world.office.database, item, note="已核查", by=by, **world.moment),
        )
    else:
        world.try_(
            f"close out {unit} {item}",
            lambda: review.close(world.office.database, unit, item, by=by, **world.moment),
        )


def _bring(world: PhaseWorld, chance: random.Random) -> None:
    """Some contents come again and again."""
    item, year = chance.choice((("I01", chance.choice(YEARS)), ("M1.1", None)))
    file = world.office.home.parent / "brought.pdf"
    file.write_bytes(f"content {chance.randrange(8)}".encode())
    by = OPERATOR if item == "M1.1" else chance.choice((liaison("shuili"), liaison("huanbao"), OPERATOR))
    world.try_(
        f"bring {item} {year}",
        lambda: evidence.add(
            world.office.database, world.office.settings, item, "E1", str(file), year=year, by=by,
            **world.moment,
        ),
    )  # fmt: skip


def _judge(world: PhaseWorld, chance: random.Random) -> None:
    number = chance.randint(1, max(len(world.seen.files), 1) + 1)
    by, database = _office("shuili", chance), world.office.database
    match chance.randrange(5):
        case 0 | 1 | 2:
            world.try_(
                f"accept {number}",
                lambda: evidence_review.accept(
                    database, world.office.settings, number, by=by, **world.moment
                ),
            )
        case 3:
            world.try_(
                f"return evidence {number}",
                lambda: evidence_review.return_(database, number, "缺来源", by=by, **world.moment),
            )
        case _:
            world.try_(
                f"quarantine {number}",
                lambda: evidence_review.quarantine(
                    database, world.office.settings, number, "涉密", by=by, **world.moment
                ),
            )


def _award(world: PhaseWorld, _: random.Random) -> None:
    world.try_(
        "award",
        lambda: pass_phase.award(
            world.office.database, world.today, document_="命名文件", by=OPERATOR, **world.moment
        ),
    )


def _tidy(world: PhaseWorld, _: random.Random) -> None:
    """Every summary is released, every skipped round explained: else no second phase ever closes."""
    for on in world.rounds():
        world.try_(
            f"release {on}",
            lambda on=on: release_summary.release(  # type: ignore[misc]
                world.office.database, on, by=OPERATOR, **world.moment
            ),
        )
        world.try_(
            f"note {on}",
            lambda on=on: note_round.note_round(  # type: ignore[misc]
                world.office.database, on, "停电", by=OPERATOR, **world.moment
            ),
        )


def _set_aside(world: PhaseWorld, chance: random.Random) -> None:
    """Something assigned, a milestone or an indicator."""
    unit, item = _any_report(world, chance)
    database = world.office.database
    state, days = chance.choice(("suspended", "not_applicable")), world.office.days
    by, other = chance.sample(OFFICES, 2)
    how: dict[str, Any] = {"unit": unit, "item": item}
    match chance.randrange(3):
        case 0:
            world.try_(
                f"set aside {how} {state}",
                lambda: suspension.set_aside(
                    database, state=state, reason="停工", by=by, **how, **world.moment
                ),
            )
        case 1:
            world.try_(
                f"confirm {how}", lambda: suspension.confirm(database, by=other, **how, **world.moment)
            )
        case _:
            world.try_(
                f"resume {how}",
                lambda: suspension.resume(database, reason="复工", days=days, by=by, **how, **world.moment),
            )


def _extend(world: PhaseWorld, chance: random.Random) -> None:
    """A later date of something assigned is asked for, or that is decided."""
    if not world.seen.owing:
        return
    owed, until = chance.choice(world.seen.owing), _due(world, chance)
    by, grant, database = _office(owed.unit, chance), chance.random() < 0.5, world.office.database
    world.try_(
        f"ask {owed.unit} {owed.item} until {until}",
        lambda: extension.ask(
            database, owed.unit, owed.item, until=until, reason="在办", by=liaison(owed.unit), **world.moment
        ),
    )
    world.try_(
        f"decide {owed.unit} {owed.item} {grant}",
        lambda: extension.decide(
            database, owed.unit, owed.item, grant=grant, reason="已核", days=world.office.days, by=by,
            **world.moment,
        ),
    )  # fmt: skip


def _morning(world: PhaseWorld, chance: random.Random) -> None:
    world.morning(chance.choice((1, 1, 3, 9)))


DEEDS: tuple[Deed, ...] = (
    *(_close,) * 5, *(_pass,) * 3, _waive, *(_declare,) * 4, *(_decide,) * 3, *(_clear,) * 2,
    *(_find,) * 2, _assign, _inspect, _meet, _issue, *(_claim,) * 5, *(answer,) * 3, newer, survey, _extend,
    _take_back, _return, *(_close_out,) * 4, *(_bring,) * 3, *(_judge,) * 5, _award, *(_tidy,) * 2,
    *(_set_aside,) * 2, *(_morning,) * 3, *(propose,) * 2, *(decide,) * 2, *(record,) * 2,
)  # fmt: skip


def live(world: PhaseWorld, chance: random.Random, steps: int) -> None:
    """Tries that many things, one after the other."""
    for step in range(steps):
        chance.choice(DEEDS)(world, chance)
        if step % 10 == 9:
            world.look()
    world.look()
