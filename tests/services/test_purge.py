"""Stored texts are emptied after a set time; what was sent, when, and its digest stay."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.services.deliver import deliver
from eco_workflow.services.post import Post
from eco_workflow.services.purge import purge_bodies
from eco_workflow.store.tables import Attempt
from tests.office import at
from tests.reliability.world import RENDER, Small, set_up

LAST = at("2022-03-14")


@pytest.fixture
def office(database: str, tmp_path: Path) -> Small:
    """Three requests of the 14th, one of them in doubt; a reminder and more of the 17th."""
    made = set_up(database, tmp_path)
    made.decide("2022-03-14")

    def send(address: str, body: bytes) -> Outcome:
        doubtful = address == "liaison@jia.example"
        return Outcome(Result.NO_ANSWER if doubtful else Result.ACCEPTED, "")

    deliver(Post(made.database, LAST, made.days, RENDER, send))
    made.run("2022-03-17")
    return made


def bodies(office: Small) -> list[tuple[int, bool]]:
    """Day of the month and whether the text is there, of each attempt."""
    with office.database.read() as session:
        found = session.exec(select(Attempt)).all()
        assert all(len(attempt.digest) == 64 for attempt in found)
        return sorted((attempt.started_at.day, attempt.body is not None) for attempt in found)


def test_old_texts_go_young_ones_and_those_in_doubt_stay(office: Small) -> None:
    """Whoever asks what became of an unknown message must know what it said. Again changes nothing."""
    before = bodies(office)
    young = [row for row in before if row[0] == 17]
    assert purge_bodies(office.database, keep_days=400, now=LAST + timedelta(days=400)) == 0
    assert bodies(office) == before
    just_after = LAST + timedelta(days=400, seconds=1)
    assert purge_bodies(office.database, keep_days=400, now=just_after) == 2
    assert bodies(office) == [(14, False), (14, False), (14, True), *young]
    assert purge_bodies(office.database, keep_days=400, now=just_after) == 0
    assert office.message("liaison@yi.example", "2022-03-14").state == "sent"
