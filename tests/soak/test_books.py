"""What the books of a long run say of mails that stand as sent and came to nobody."""

from collections import Counter
from pathlib import Path

from sqlmodel import col, select

from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.services.outbox import settle_unknown
from eco_workflow.store.tables import Message
from tests.office import OPERATOR, at
from tests.reliability.world import Small, plan_file
from tests.soak import books


def test_a_mail_in_doubt_that_an_operator_took_as_arrived_is_not_one_that_a_server_took(
    database: str, tmp_path: Path
) -> None:
    """Three mails of which none arrived: the first was taken by a server, of the others nothing is known."""
    office = Small(database, tmp_path, plan=plan_file(tmp_path))
    office.open()
    answers = iter([Outcome(Result.ACCEPTED, "250 taken"), *[Outcome(Result.NO_ANSWER, "broke off")] * 2])

    def send(_to: str, _body: bytes) -> Outcome:
        return next(answers)

    office.decide("2022-03-14")
    office.deliver("2022-03-14", send)
    with office.database.read() as session:
        unknown = session.exec(select(col(Message.id)).where(Message.state == "unknown")).all()
    for number in unknown:
        settle_unknown(office.database, number or 0, sent=True, now=at("2022-03-14", "15:00"), by=OPERATOR)
    assert sorted(books.not_arrived(office.database, Counter()).values()) == [False, False, True]
