"""Who may type what: `--as` names a person, and each act asks for a role (DOMAIN 9)."""

import pytest

from tests.cli.terminal import ANSWER, NEXT_DAY, Terminal, assert_refused

AT = ("--now", NEXT_DAY)
OWN_PEOPLE = "needs a liaison or a unit leader of 地区财政局."
LATER = ("--now", "2022-03-16T10:00:00+08:00")
I33 = ("caizhengju", "I33")
MONEY, WATER = "联络员·财政局", "联络员·水务局"
OFFICE, SUPERVISION = "联络员·创建办", "联络员·地委督查室"
SUBMIT = ("report", "submit", *I33, "--status", "completed", *AT)

WRONG_ROLE = [
    (SUBMIT, WATER, f"{WATER} is a liaison of 地区水务局; answering {OWN_PEOPLE}"),
    (SUBMIT, SUPERVISION, "liaison of 地委督查室; answering needs"),
    (("report", "recall", *I33), WATER, f"recalling an answer {OWN_PEOPLE}"),
    (("report", "confirm", *I33), OFFICE, f"confirming an answer {OWN_PEOPLE}"),
    (("report", "accept", *I33), MONEY, "is a liaison of 地区财政局; accepting an answer needs an operator."),
    (("report", "return", *I33, "--reason", "x"), WATER, "returning an answer needs an operator."),
    (("report", "close", *I33), SUPERVISION, "is a supervisor and a liaison of 地委督查室; closing out"),
    (("item", "settle", "M1.1", "--done", "x"), MONEY, "settling an item needs an operator."),
    (("contact", "end", "caizhengju", "liaison"), MONEY, "naming or ending a contact needs an operator."),
    (("contact", "add", "caizhengju", "liaison", "张三", "z@x.example"), MONEY, "needs an operator."),
    (("outbox", "retry", "1"), MONEY, "trying a message again needs an operator."),
    (("outbox", "settle", "1", "--sent"), MONEY, "settling a message needs an operator."),
    (("account", "add", "张三", "operator"), OFFICE, "adding or ending an account needs an admin."),
    (("account", "end", "张三", "operator"), MONEY, "adding or ending an account needs an admin."),
    (("task", "assign", "caizhengju", "x", "--due", "2022-04-01", "--from", "y"), WATER,
     "assigning a task needs an operator or a supervisor."),
    (("inspection", "record", "x", "--team", "y", "--on", "2022-03-15"), WATER, "an inspection needs"),
    (("finding", "add", "M3.1", "caizhengju", "x", "--due", "2022-04-01", "--by", "y"), WATER,
     "recording a finding needs"),
    (("dispatch", "--direct"), SUPERVISION, "running the plan needs an operator."),
]  # fmt: skip


@pytest.mark.parametrize(("words", "who", "said"), WRONG_ROLE, ids=lambda part: str(part)[:40])
def test_an_act_in_the_wrong_role_is_refused_in_words_and_changes_nothing(
    eco: Terminal, words: tuple[str, ...], who: str, said: str
) -> None:
    if words[:2] != ("report", "submit"):
        eco(*ANSWER)
    before = eco.picture()
    at = () if "--now" in words else AT
    assert_refused(eco(*words, *at, "--as", who), 1, said)
    assert eco.picture() == before


def test_the_user_of_the_machine_is_an_operator_and_no_supervisor(eco: Terminal) -> None:
    """The office sits in the host bureau, and leaves the judging of it to the supervision office."""
    item = next(row["item"] for row in eco("report", "list", "shengtaiju", "--json").json)
    place = ("shengtaiju", item, *AT)
    assert eco("report", "submit", *place, "--status", "completed").code == 0
    assert_refused(
        eco("report", "accept", *place, LOGNAME="zhao"),
        1,
        "zhao@console is an operator and an admin; accepting an answer of the host bureau needs a supervisor",
    )
    assert_refused(eco("report", "accept", *place, "--as", OFFICE), 1, "needs a supervisor")
    assert eco("report", "accept", *place, "--as", SUPERVISION, "--json").json["state"] == "accepted"


def test_a_liaison_answers_for_the_own_unit_and_that_is_not_on_behalf(eco: Terminal) -> None:
    said = eco(*SUBMIT, "--as", MONEY, "--json").json
    assert (said["state"], said["on_behalf"]) == ("submitted", "")
    assert_refused(
        eco("report", "confirm", *I33, *AT, "--as", MONEY), 1, "no answer that was recorded on behalf"
    )
    assert_refused(
        eco(*SUBMIT[:4], "--status", "completed", "--means", "paper", *AT, "--as", MONEY), 2, "--means"
    )


def test_what_an_operator_records_is_on_behalf_until_the_unit_confirms(eco: Terminal) -> None:
    spoken = eco(*SUBMIT, "--as", OFFICE, "--means", "paper").out
    assert "Recorded on behalf of 地区财政局 (paper); the unit confirms it later." in spoken

    def listed() -> tuple[str, str | None]:
        [row] = eco("report", "list", "caizhengju", "--json").json
        return row["on_behalf"], row["confirmed_at"]

    assert listed() == ("paper", None)
    assert eco("report", "confirm", *I33, *LATER, "--as", MONEY, "--json").json["on_behalf"] == ""
    assert listed() == ("paper", "2022-03-16T10:00:00+08:00")
    assert "paper, confirmed" in eco("report", "list", "caizhengju", COLUMNS="200").out
    assert eco.sql("SELECT action, actor, on_behalf FROM report ORDER BY id") == [
        ("submit", OFFICE, "paper"),
        ("confirm", MONEY, ""),
    ]
    assert_refused(eco("report", "confirm", *I33, *LATER, "--as", MONEY), 1, "recorded on behalf")


def test_an_operator_takes_back_what_he_recorded_but_not_what_the_unit_said_or_confirmed(
    eco: Terminal,
) -> None:
    eco(*SUBMIT)
    assert eco("report", "recall", *I33, *AT).code == 0
    eco(*SUBMIT)
    eco("report", "confirm", *I33, *AT, "--as", MONEY)
    assert_refused(eco("report", "recall", *I33, *AT), 1, "recalling an answer needs a liaison")
    assert eco("report", "recall", *I33, *AT, "--as", MONEY).code == 0
    eco(*SUBMIT, "--as", MONEY)
    assert_refused(eco("report", "recall", *I33, *AT), 1, "recalling an answer needs a liaison")


def test_an_account_gives_a_role_from_that_day_until_it_ends(eco: Terminal) -> None:
    added = eco("account", "add", "赵六", "supervisor", *AT)
    assert added.out == "赵六 is supervisor from 2022-03-15.\n"
    assert_refused(eco("account", "add", "赵六", "supervisor", *AT), 1, "eco account end 赵六 supervisor")
    unit = eco("account", "add", "钱七", "unit_leader", "--unit", "地区财政局", *AT)
    assert unit.out == "钱七 is unit_leader of 地区财政局 from 2022-03-15.\n"
    assert eco(*SUBMIT, "--as", "钱七", "--json").json["on_behalf"] == ""
    assert eco("account", "end", "赵六", "supervisor", *AT).out == "赵六: supervisor ended on 2022-03-15.\n"
    assert_refused(eco("report", "accept", *I33, *AT, "--as", "赵六"), 2, "Nobody named '赵六'")
    assert [row["name"] for row in eco("account", "list", "--json").json] == ["钱七"]
    ever = eco("account", "list", "--all", "--json").json
    assert {(row["name"], row["ended_on"]) for row in ever} == {("赵六", "2022-03-15"), ("钱七", None)}
    assert eco("account", "add", "赵六", "supervisor", *AT).code == 0  # the same day again
    acts = eco.sql("SELECT action FROM audit WHERE action LIKE 'account%' ORDER BY n")
    assert [act for (act,) in acts] == ["account_add", "account_add", "account_end", "account_add"]


def test_who_stands_in_several_units_says_in_which_he_acts(eco: Terminal) -> None:
    for unit in ("caizhengju", "shuiwuju"):
        eco("contact", "end", unit, "liaison", *AT)
        eco("contact", "add", unit, "liaison", "张三", f"zhang@{unit}.example", *AT)
    assert_refused(
        eco(*SUBMIT, "--as", "张三"),
        2,
        "张三 stands in 2 units",
        '--as "张三@caizhengju" or --as "张三@shuiwuju"',
    )
    assert_refused(eco(*SUBMIT, "--as", "张三@水务局"), 1, "张三 is a liaison of 地区水务局; answering needs")
    assert eco(*SUBMIT, "--as", "张三@caizhengju").code == 0
    assert eco.sql("SELECT actor FROM report") == [("张三",)]


def test_a_contact_that_ended_acts_no_more(eco: Terminal) -> None:
    eco("contact", "end", "caizhengju", "liaison", *AT)
    assert_refused(eco(*SUBMIT, "--as", MONEY), 2, "eco account add")


def test_a_run_is_booked_on_the_operator_who_asked_for_it(eco: Terminal) -> None:
    run = ("dispatch", "--direct", "--now", "2022-03-17T09:00:00+08:00", "--as", f"{OFFICE}@创建办")
    assert eco(*run).code == 0
    assert eco.sql("SELECT actor FROM run ORDER BY on_date DESC LIMIT 1") == [(OFFICE,)]
