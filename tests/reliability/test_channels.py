"""A contact's ways in order of preference: which carries a message, and what a refusal or a doubt means.

The small office on the morning of its round of 14 March 2022; jia's liaison has channels besides mail, or is
away and has a deputy.
"""

import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from eco_workflow.domain.chat import NEUTRAL_LINE, Chat
from eco_workflow.domain.contact_card import Card
from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.messages import Envelope, Outcome, Result
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import channels, look, outbox, people, trial
from eco_workflow.services.bounce import bounce
from eco_workflow.services.calendar import published_calendar
from eco_workflow.services.contact_cards import put
from eco_workflow.services.deliver import Delivered, deliver
from eco_workflow.services.find import plan_named
from eco_workflow.services.post import Post
from notifications.render import chat_text
from tests.office import OPERATOR, at
from tests.reliability.world import RENDER, Small, set_up

DAY = "2022-03-14"
JIA, YI = "liaison@jia.example", "liaison@yi.example"
WECHAT = "wechat://ww12:s3cret@1000002/zhangsan"
WEBHOOK = "jsons://sms.example/s3cret"
GROUP = "wecombot://s3cret"
EVERYBODY = Viewer("operator")

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Town:
    """Takes everything; `says`: address or channel → what it answers instead."""

    def __init__(self) -> None:
        self.says: dict[str, Result] = {}
        self.taken: list[tuple[str, str]] = []

    def send(self, to: str, body: bytes) -> Outcome:
        result = self.says.get(to, Result.ACCEPTED)
        if result in (Result.ACCEPTED, Result.NO_ANSWER):
            self.taken.append((to, body.decode()))
        return Outcome(result, f"{result} by the town")

    def to(self, *addresses: str) -> list[str]:
        """Where jia's messages and the groups' lines arrived, in order."""
        return [to for to, _ in self.taken if to in addresses]


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def office(database: str, tmp_path: Path) -> Small:
    made = set_up(database, tmp_path)
    made.decide(DAY)
    return made


def give(office: Small, *urls: str, first: bool = False, role: str = "liaison", unit: str = "jia") -> None:
    for url in urls:
        channels.add(office.database, unit, role, url, first=first, now=at(DAY, "08:00"), by=OPERATOR)


def post(
    office: Small,
    town: Town,
    clock: str = "09:00",
    day: str = DAY,
    render: Callable[[Envelope], bytes] = chat_text,
) -> Delivered:
    through = Chat(render, town.send)
    now = at(day, clock)
    return deliver(Post(office.database, now, published_calendar(), RENDER, town.send, chat=through))


def tried(office: Small, day: str = DAY) -> list[tuple[str, str | None]]:
    return [(attempt.address, attempt.result) for attempt in office.attempts(JIA, day)]


def listed(office: Small) -> dict[str, str]:
    """Where the day's messages went, or would first, as the list of them says."""
    with office.database.read() as session:
        rows = look.messages(session, EVERYBODY, plan=None, state=None, on=date.fromisoformat(DAY))
    return {row["unit"]: row["address"] for row in rows}


def _plain(mail: str) -> str:
    found = email.message_from_string(mail, policy=email.policy.default).get_body(("plain",))
    assert found is not None
    text: str = found.get_content()
    return text


@one_database
def test_the_first_channel_carries_the_content_and_mail_is_not_used(office: Small, town: Town) -> None:
    """Attempt and list name the channel without its secret; the answer is due like after a mail."""
    give(office, WECHAT, first=True)
    assert listed(office)["甲"] == JIA
    assert post(office, town).sent == 3
    assert listed(office) == {
        "甲": "wechat://…@1000002/zhangsan", "乙": YI, "丙": "liaison@bing.example",
    }  # fmt: skip
    assert tried(office) == [("wechat://…@1000002/zhangsan", "accepted")]
    [(to, text)] = [taken for taken in town.taken if taken[0].startswith("wechat")]
    assert to == "wechat://ww12:s3cret@1000002/@zhangsan"
    assert "I01" in text
    assert "\n\n" in text
    assert office.request("jia", DAY).due_at == at("2022-03-16", "17:30")
    assert JIA not in town.to(JIA, YI)


@one_database
def test_a_channel_that_refuses_makes_room_for_the_next_in_an_attempt_of_its_own(
    office: Small, town: Town
) -> None:
    """Mail, then WeCom, then the webhook; nobody's address is marked as long as one way works."""
    give(office, WECHAT, WEBHOOK)
    town.says = {JIA: Result.REFUSED, "wechat://ww12:s3cret@1000002/@zhangsan": Result.REJECTED}
    done = post(office, town)
    assert (done.sent, done.failed) == (3, 0)
    assert tried(office) == [
        (JIA, "refused"),
        ("wechat://…@1000002/zhangsan", "rejected"),
        ("jsons://sms.example/…cret", "accepted"),
    ]
    assert office.message(JIA, DAY).state == "sent"
    assert office.contact(JIA).failed_on is None


def test_where_every_way_refuses_the_message_failed_and_the_address_is_marked(
    office: Small, town: Town
) -> None:
    """A retry begins with the first way again."""
    give(office, WECHAT, first=True)
    town.says = {JIA: Result.REFUSED, "wechat://ww12:s3cret@1000002/@zhangsan": Result.REFUSED}
    done = post(office, town)
    assert (done.sent, done.failed) == (2, 1)
    assert office.message(JIA, DAY).state == "failed"
    assert office.request("jia", DAY).due_at is None
    assert office.contact(JIA).failed_on == at(DAY).date()
    town.says = {}
    office.run(DAY, "09:30")
    number = office.message(JIA, DAY).id or 0
    assert outbox.retry(office.database, number, now=at(DAY, "10:00"), by=OPERATOR)
    post(office, town, "10:01")
    assert tried(office)[2:] == [("wechat://…@1000002/zhangsan", "accepted")]


@one_database
@pytest.mark.parametrize(
    ("result", "state"), [(Result.NO_ANSWER, "unknown"), (Result.LATER, "pending")], ids=["doubt", "later"]
)
def test_neither_a_doubt_nor_a_later_moves_on_to_the_next_channel(
    office: Small, town: Town, result: Result, state: str
) -> None:
    """What may have arrived is not said twice; what may arrive by the preferred way waits for it."""
    give(office, WECHAT, first=True)
    town.says = {"wechat://ww12:s3cret@1000002/@zhangsan": result}
    post(office, town)
    assert office.message(JIA, DAY).state == state
    town.says = {}
    post(office, town, "10:00")
    assert {address for address, _ in tried(office)} == {"wechat://…@1000002/zhangsan"}
    assert town.to(JIA) == []
    assert office.message(JIA, DAY).state == ("sent" if state == "pending" else "unknown")


@one_database
def test_who_dies_between_two_channels_goes_on_with_the_next(office: Small, town: Town) -> None:
    give(office, WECHAT)
    town.says = {JIA: Result.REFUSED}
    real = town.send

    def dying(to: str, body: bytes) -> Outcome:
        if to.startswith("wechat"):
            raise KeyboardInterrupt
        return real(to, body)

    town.send = dying  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        post(office, town)
    town.send = real  # type: ignore[method-assign]
    assert [result for _, result in tried(office)] == ["refused", None]
    post(office, town, "10:00")
    assert office.message(JIA, DAY).state == "unknown"  # nobody knows whether the second was handed over
    assert len(tried(office)) == 2


@one_database
def test_a_death_right_after_a_refusal_leaves_the_next_channel_to_the_next_delivery(
    office: Small, town: Town
) -> None:
    give(office, WECHAT)
    town.says = {JIA: Result.REFUSED}

    def dies(_: Envelope) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        post(office, town, render=dies)
    assert office.message(JIA, DAY).state == "pending"
    post(office, town, "09:01")
    assert [result for _, result in tried(office)] == ["refused", "accepted"]


@one_database
def test_a_group_hears_one_neutral_line_a_day_and_it_tells_nobody_anything(office: Small, town: Town) -> None:
    """Two contacts share a group. A line that is refused changes nothing about the messages."""
    give(office, GROUP)
    give(office, GROUP, unit="yi")
    assert post(office, town).sent == 3
    assert [text for to, text in town.taken if to == GROUP] == [NEUTRAL_LINE]
    assert town.to(JIA, YI) == [JIA, YI]
    assert tried(office) == [(JIA, "accepted")]
    town.says = {GROUP: Result.REFUSED}
    office.decide("2022-03-17")
    post(office, town, day="2022-03-17")
    assert office.message(JIA, "2022-03-17").state == "sent"
    with office.database.read() as session:
        rows = channels.listed(session, EVERYBODY, plan=None, unit="jia")
    assert [(row.called_on, row.answer) for row in rows] == [(at("2022-03-17").date(), "refused by the town")]


@one_database
def test_a_group_is_not_called_for_what_was_not_sent(office: Small, town: Town) -> None:
    give(office, GROUP)
    town.says = {JIA: Result.REFUSED}
    post(office, town)
    assert town.to(GROUP) == []
    assert office.message(JIA, DAY).state == "failed"


def test_on_trial_everything_goes_to_the_test_mailbox_and_ends_as_ever(office: Small, town: Town) -> None:
    """Neither chat nor group hear of a rehearsal; what chat took in earnest is none when the trial ends."""
    give(office, WECHAT, first=True)
    give(office, GROUP)
    trial.start(office.database, "test@eco.example", now=at(DAY, "08:30"), by=OPERATOR)
    post(office, town)
    assert {to for to, _ in town.taken} == {"test@eco.example"}
    trial.end(office.database, now=at(DAY, "12:00"), by=OPERATOR)
    office.decide("2022-03-15")
    post(office, town, day="2022-03-15")
    assert tried(office, "2022-03-15") == [("wechat://…@1000002/zhangsan", "accepted")]
    trial.start(office.database, "test@eco.example", now=at("2022-03-15", "13:00"), by=OPERATOR)
    assert trial.end(office.database, now=at("2022-03-15", "14:00"), by=OPERATOR).undone == 0


@one_database
def test_an_alert_says_by_which_means_somebody_was_told(office: Small, town: Town) -> None:
    give(office, WECHAT, first=True)
    post(office, town)
    for day in ("2022-03-17", "2022-03-22", "2022-03-24"):
        office.decide(day)
        post(office, town, day=day)
    [alert] = [text for to, text in town.taken if to == "liaison@supervision.example"]
    assert "即时消息" in _plain(alert)  # jia's liaison, at rung 1
    assert "邮件" in _plain(alert)  # everybody else


@one_database
def test_a_removed_channel_is_used_no_more_and_its_number_is_the_lists(office: Small, town: Town) -> None:
    give(office, WEBHOOK, WECHAT, first=True)
    with pytest.raises(Refused, match="has the channel"):
        give(office, WECHAT)
    with office.database.read() as session:
        rows = channels.listed(session, EVERYBODY, plan=None, unit="jia")
    assert [(row.place, row.carries) for row in rows] == [(-2, "content"), (-1, "content")]
    at_eight = {"now": at(DAY, "08:30"), "by": OPERATOR}
    channels.remove(office.database, "jia", "liaison", rows[0].channel, **at_eight)  # type: ignore[arg-type]
    with pytest.raises(WrongInput, match="no channel"):
        channels.remove(office.database, "jia", "liaison", rows[0].channel, **at_eight)  # type: ignore[arg-type]
    post(office, town)
    assert [address for address, _ in tried(office)] == ["jsons://sms.example/…cret"]


LI = "li@jia.example"
AWAY = Card(deputy="李四", deputy_address=LI, away_from=date(2022, 3, 14), away_until=date(2022, 3, 17))


def leaves(office: Small, card: Card = AWAY) -> None:
    """Jia's liaison says when he is away, and who hears in his place."""
    with office.database.write() as session:
        put(session, office.contact(JIA).id or 0, card, date(2022, 3, 14))


@one_database
def test_while_a_contact_is_away_the_deputy_hears_and_that_is_told_to_the_role(
    office: Small, town: Town
) -> None:
    """Rung 1 on the absence's last day; rung 2 follows it in its time, to the contact who is back."""
    leaves(office)
    post(office, town)
    office.decide("2022-03-17")
    post(office, town, day="2022-03-17")
    assert town.to(JIA, LI) == [LI, LI]
    assert "李四（代甲联络员）" in _plain(town.taken[0][1])
    assert [attempt.deputy for attempt in office.attempts(JIA, DAY)] == ["李四"]
    office.decide("2022-03-22")
    post(office, town, day="2022-03-22")
    assert town.to(JIA, LI) == [LI, LI, JIA]
    assert office.case("jia").rung == 2
    office.decide("2022-03-24")
    post(office, town, day="2022-03-24")
    [alert] = [text for to, text in town.taken if to == "liaison@supervision.example"]
    assert "联络员（李四代甲联络员）" in _plain(alert)


@one_database
@pytest.mark.parametrize(
    ("card", "told"),
    [
        (replace(AWAY, away_from=date(2022, 3, 15)), JIA),
        (replace(AWAY, away_from=date(2022, 3, 1), away_until=date(2022, 3, 14)), LI),
        (replace(AWAY, away_from=date(2022, 3, 1), away_until=date(2022, 3, 13)), JIA),
        (replace(AWAY, away_from=None, away_until=None), JIA),
        (replace(AWAY, deputy="", deputy_address=""), JIA),
    ],
    ids=["not yet", "the last day", "back", "never away", "without a deputy"],
)
def test_the_deputy_hears_from_the_first_day_to_the_last(
    office: Small, town: Town, card: Card, told: str
) -> None:
    leaves(office, card)
    post(office, town)
    assert town.to(JIA, LI) == [told]


@one_database
def test_a_deputy_who_cannot_be_reached_makes_room_for_the_contact(office: Small, town: Town) -> None:
    """The contact's own address says nothing of the deputy's, nor the other way round."""
    leaves(office)
    town.says = {LI: Result.REFUSED}
    assert post(office, town).failed == 0
    assert tried(office) == [(LI, "refused"), (JIA, "accepted")]
    assert office.contact(JIA).failed_on is None


@one_database
def test_on_trial_no_deputy_hears_and_what_one_heard_in_earnest_is_no_rehearsal(
    office: Small, town: Town
) -> None:
    leaves(office)
    post(office, town)
    trial.start(office.database, "test@eco.example", now=at(DAY, "13:00"), by=OPERATOR)
    assert trial.end(office.database, now=at(DAY, "14:00"), by=OPERATOR).undone == 0
    trial.start(office.database, "test@eco.example", now=at(DAY, "15:00"), by=OPERATOR)
    office.decide("2022-03-17")
    post(office, town, day="2022-03-17")
    assert town.to(JIA, LI) == [LI]


@one_database
def test_a_deputy_acts_for_the_unit_and_no_longer_once_another_is_named(office: Small) -> None:
    leaves(office)

    def acts() -> Actor:
        with office.database.read() as session:
            return people.acting(session, plan_named(session, "small"), "李四")

    assert (acts().unit, set(acts().roles)) == ("jia", {Role.LIAISON})
    leaves(office, replace(AWAY, deputy="赵六"))
    with pytest.raises(WrongInput, match="Nobody named '李四'"):
        acts()


CHAT = "wechat://ww12:s3cret@1000002/@zhangsan"
NEXT = "2022-03-15"


def came_back(office: Small, day: str = DAY, why: str = "550 no such user") -> None:
    number = office.message(JIA, day).id or 0
    bounce(office.database, number, why, now=at(day, "17:00"), by=OPERATOR)


def next_day(office: Small, town: Town, day: str = NEXT) -> list[str]:
    """Where jia's liaison is told on a later morning."""
    town.taken.clear()
    office.decide(day)
    post(office, town, day=day)
    return town.to(JIA, CHAT, WEBHOOK, LI)


@pytest.mark.parametrize(
    ("first", "used", "then"), [(False, JIA, CHAT), (True, CHAT, JIA)], ids=["mail", "channel"]
)
def test_what_came_back_is_told_anew_by_the_next_way_and_nobody_is_out_of_reach(
    office: Small, town: Town, first: bool, used: str, then: str
) -> None:
    """The way that lost a message is not taken again, until somebody trusts it."""
    give(office, WECHAT, first=first)
    post(office, town)
    assert town.to(JIA, CHAT) == [used]
    came_back(office)
    assert office.contact(JIA).failed_on is None
    assert next_day(office, town) == [then]
    assert office.request("jia", DAY).due_at == at("2022-03-17", "17:30")


def test_who_lost_a_message_by_every_way_cannot_be_reached_until_there_is_another(
    office: Small, town: Town
) -> None:
    give(office, WECHAT)
    post(office, town)
    came_back(office)
    assert next_day(office, town) == [CHAT]
    came_back(office, NEXT, "不在企业微信")
    contact = office.contact(JIA)
    assert (contact.failed_on, contact.failed_why) == (at(NEXT).date(), "不在企业微信")
    assert next_day(office, town, "2022-03-16") == []
    channels.add(office.database, "jia", "liaison", WEBHOOK, now=at("2022-03-16", "10:00"), by=OPERATOR)
    assert office.contact(JIA).failed_on is None
    assert next_day(office, town, "2022-03-17") == [WEBHOOK]


@one_database
def test_without_the_channel_that_replaced_a_lost_address_nobody_can_be_reached(
    office: Small, town: Town
) -> None:
    give(office, WECHAT)
    post(office, town)
    came_back(office)
    with office.database.read() as session:
        [row] = channels.listed(session, EVERYBODY, plan=None, unit="jia")
    channels.remove(office.database, "jia", "liaison", row.channel, now=at(NEXT, "08:00"), by=OPERATOR)
    contact = office.contact(JIA)
    assert (contact.failed_on, contact.failed_why) == (at(NEXT).date(), "550 no such user")


@one_database
def test_a_retry_trusts_what_came_back_again(office: Small, town: Town) -> None:
    give(office, WECHAT)
    post(office, town)
    came_back(office)
    number = office.message(JIA, DAY).id or 0
    outbox.retry(office.database, number, now=at(NEXT, "08:00"), by=OPERATOR)
    assert next_day(office, town) == [JIA]


@one_database
def test_a_deputy_whose_mail_came_back_makes_room_for_the_contact(office: Small, town: Town) -> None:
    leaves(office)
    post(office, town)
    assert town.to(JIA, LI) == [LI]
    came_back(office)
    assert office.contact(JIA).failed_on is None
    assert next_day(office, town) == [JIA]
