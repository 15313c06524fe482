"""The benchmark on a small world: it runs, its figures are figures, and its world is the one it says."""

import math
from pathlib import Path

from benchmarks import delivery
from benchmarks.dispatch import BOUNDS, SQLITE_ONLY, measure
from benchmarks.world import OPEN_OBLIGATIONS, UNITS
from eco_workflow.store.session import Database

PLANS = 40
SMALL = Path(__file__).with_name("reliability") / "small.yaml"


def test_a_small_world_is_measured(database: str, tmp_path: Path) -> None:
    """Every unit is asked once, is told once that it is late, and a second run writes nothing."""
    opened = Database(database)
    report = measure(opened, tmp_path, PLANS)
    opened.dispose()

    figures, counted = report["figures"], report["counted"]
    units = PLANS * UNITS
    assert math.isfinite(figures["round_day_ratio"]["value"])
    assert figures["rerun_rows_written"] == {"value": 0, "bound": 0, "met": True}
    assert figures["longest_write_lock_seconds"]["value"] < 30
    assert figures["peak_mib"]["value"] < 512
    bound = set(BOUNDS) if opened.is_sqlite else set(BOUNDS) - set(SQLITE_ONLY)
    assert bound == {name for name, figure in figures.items() if "met" in figure}

    rows = report["rows_inserted_on_round_day"]
    assert rows == {
        "run": PLANS,
        "entry": PLANS * OPEN_OBLIGATIONS,
        "request": units,
        "message": units,
        "line": units,
        "audit": PLANS,
    }
    assert report["rows_written"]["round_day"] >= sum(rows.values())
    assert counted["round_day"]["requests"] == units
    assert counted["late_day"]["rungs"] == counted["late_day"]["cases"] == units
    # A third of the units is silent still, and no office has released its summary.
    assert counted["rung_2_day"]["rungs"] == units // 3 + PLANS


def test_our_sender_is_measured_beside_stock_apprise(tmp_path: Path) -> None:
    """The requests of one round leave as a whole delivery, then again by both: everything was taken."""
    report = delivery.measure(tmp_path, 2, days=("2022-03-14",), plan=str(SMALL))
    assert report["mails"] == {"delivered": 3, "by_apprise": 2, "ours": 20}
    figures = report["figures"]
    assert {name for name, figure in figures.items() if "bound" in figure} == set(delivery.BOUNDS)
    assert all(math.isfinite(figure["value"]) and figure["value"] > 0 for figure in figures.values())
