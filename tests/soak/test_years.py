"""Five years of the timetable in small: six weeks, in which all occurs but the emptying of texts."""

from collections import Counter
from datetime import date
from pathlib import Path

from sqlalchemy import text

from eco_workflow.store.session import Database
from tests.soak import books
from tests.soak.plan import long_plan
from tests.soak.years import FIRST, ROOT, UNITS, grew_as_told, predicted, simulate

LAST = date(2022, 2, 15)


def test_nothing_is_lost_or_doubled_and_the_database_grows_as_the_readme_says(tmp_path: Path) -> None:
    plan = long_plan(tmp_path, units=UNITS, last_day=LAST)
    found = simulate(tmp_path, plan, first=FIRST, last=LAST)
    assert (found["lost"], found["doubled"], found["broken"]) == ([], [], [])
    assert (found["rounds skipped"], found["not arrived"], found["not sent"]) == (0, [], [])
    assert (found["runs"], found["rows"]["round"], found["rows"]["request"]) == (46, 3, 3 * UNITS)
    assert found["done"]["answers"] == 3 + 2  # the one who is late is asked on the 14th, too
    assert found["done"]["deliver"] > 0
    assert found["backups kept"] == 1
    readme = (ROOT / "README.md").read_text("utf-8")
    assert UNITS == 3
    told = predicted(readme, packaged=False)
    assert told / 2 < found["database"]["MiB a year"] < told * 2  # six weeks are a coarse measure
    assert not grew_as_told(found, 2 * found["database"]["MiB a year"])
    assert 10 * told < predicted(readme, packaged=True) < 20 * told

    # The reckoning itself finds what is missing and what is too many.
    database = Database(f"sqlite:///{tmp_path / 'eco.db'}")
    with database.write() as session:
        session.connection().execute(text("DELETE FROM line WHERE kind = 'request' AND ref_id = 1"))
        session.connection().execute(text("UPDATE round SET state = 'planned' WHERE id = 3"))
    assert [said.partition(":")[0] for said in books.lost(database)] == [
        "round that was never opened", *["request without a mail"] * UNITS,
    ]  # fmt: skip
    missing = books.not_arrived(database, Counter())
    assert len(missing) == found["mails"]
    in_doubt = "(SELECT 1 FROM attempt WHERE answer LIKE 'settled as sent%')"
    assert sum(not accepted for accepted in missing.values()) == books.count(database, in_doubt) > 0
    assert books.not_sent(database, Counter({"<envelope.9.9.2022-03-14@eco>": 1})) == [
        "envelope.9.9.2022-03-14"
    ]
    assert "<1@eco> arrived 2 times" in books.doubled(database, Counter({"<1@eco>": 2}))
    database.dispose()
