"""An act that is killed anywhere was done or was not done; said again, it is done, once (DESIGN, rule 1)."""

from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.store.tables import Evidence, Item
from tests.office import OPERATOR, Office, at
from tests.reliability.act_sweep import FILE, FILED, Act, ActSweep
from tests.reliability.acts import bring, find, stages
from tests.reliability.sweep import COMMIT, COMMITTED, FULL, copied

WITH_FILES = (
    "bring evidence", "bring evidence of a year", "pass over by a slip", "quarantine", "record a survey",
    "quarantine of a survey's report", "quarantine of a slip",
)  # fmt: skip


def test_an_act_killed_at_any_point_leaves_nothing_half_done(database: str, tmp_path: Path) -> None:
    """Every statement, both sides of the commit, and of every file that gets its name or loses it.

    By default one of the places that decide for each act, on PostgreSQL of three acts; all of it with
    `ECO_SWEEP=full`.
    """
    done = 0
    everything = FULL or database.startswith("sqlite")
    turn = count()
    with copied(database) as copy:
        sweep: ActSweep | None = None
        for number, (office, acts) in enumerate(stages(database, tmp_path)):
            sweep = sweep or ActSweep(office, copy)
            sweep.rest()
            for act in acts if everything else acts[: number % 3 == 1]:
                deciding = (FILE, FILED) if act.name in WITH_FILES else ((COMMIT, COMMITTED)[next(turn) % 2],)
                sweep.kill(act, *(() if FULL else deciding))
                done += 1
        assert sweep is not None
        sweep.copy.database.dispose()
    assert done == (43 if everything else 3)


def without_a_transaction(office: Office) -> None:
    bring(office, "M1.1", "2022-03-02", OPERATOR)
    find(office)


def row_before_file(office: Office) -> None:
    """The file would come after the commit."""
    with office.database.write() as session:
        item = session.exec(select(Item).where(Item.code == "M1.1")).one()
        row = Evidence(
            plan_id=item.plan_id, item_id=item.id or 0, unit_id=1, requirement="E1", n=1, name="file.pdf",
            media="application/pdf", size=6, digest="0" * 64, actor="operator",
            added_on=date(2022, 3, 1), at=at("2022-03-01"),
        )  # fmt: skip
        session.add(row)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("careless", "noticed"),
    [(without_a_transaction, "item is missing"), (row_before_file, "evidence 1 is not whole")],
)
def test_the_sweep_notices(
    database: str, tmp_path: Path, careless: Callable[[Office], object], noticed: str
) -> None:
    """An act that is not one transaction, and one that names a file before it is there."""
    office, _ = next(stages(database, tmp_path))
    with copied(database) as copy:
        sweep = ActSweep(office, copy)
        sweep.rest()
        with pytest.raises(AssertionError, match=noticed):
            sweep.kill(Act("careless", careless), COMMITTED)
        sweep.copy.database.dispose()
