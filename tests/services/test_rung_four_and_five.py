"""Items due on 31 May 2022 and their papers above supervision: report, file, note (DOMAIN 5)."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.roles import Actor, Role
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import papers
from eco_workflow.services.accountability import account
from eco_workflow.store.tables import Case, Item, Notice, Obligation, Paper, Unit
from tests.office import OPERATOR, SUPERVISOR, Office, at
from tests.reliability.picture import picture

LEADER = Actor("leader", frozenset({Role.LEADER}))
NOW = at("2022-06-17", "10:00")


def number_of(office: Office, unit: str, item: str) -> int:
    with office.database.read() as session:
        found = (
            select(Case.id)
            .join(Unit, col(Unit.id) == Case.unit_id)
            .join(Item, col(Item.id) == Case.item_id)
            .where(Unit.code == unit, Item.code == item)
        )
        return session.exec(found).one() or 0


def kinds(office: Office, number: int) -> dict[str, str]:
    with office.database.read() as session:
        rows = select(Paper.kind, Paper.state).where(Paper.case_id == number)
        return dict(session.exec(rows).all())


def postpone(office: Office, number: int, due_on: str) -> None:
    """The facts change behind the ladder's back: the item is due later."""
    with office.database.write() as session:
        case = session.get_one(Case, number)
        owed = session.get_one(Obligation, (case.plan_id, case.unit_id, case.item_id))
        owed.due_on = date.fromisoformat(due_on)
        session.add(owed)


def one_order_for_the_water_bureau(office: Office) -> None:
    """Its drafts of 9 June are one order: one item is late no longer, one rests, the others are signed."""
    on_the_9th = at("2022-06-09", "11:00")
    shoreline, saved = number_of(office, "shuiwuju", "I16"), number_of(office, "shuiwuju", "I18")
    postpone(office, saved, "2022-06-30")
    resting = number_of(office, "shuiwuju", "I11")
    with office.database.write() as session:
        case = session.get_one(Case, resting)
        session.get_one(Obligation, (case.plan_id, case.unit_id, case.item_id)).state = "suspended"

    def sheets(*states: str) -> list[tuple[str, ...]]:
        with office.database.read() as session:
            listed = papers.listed(session, Viewer("test"), plan=None, drafts=False)
        return sorted(
            tuple(case["item"] for case in sheet["lists"])
            for sheet in listed
            if sheet["unit"] == "地区水务局" and sheet["state"] in states and sheet["lists"][0]["item"]
        )

    assert sheets("draft") == [("I04", "I11", "I16", "I18")]
    order = papers.sign(office.database, shoreline, now=on_the_9th, by=SUPERVISOR)
    assert order.lists == ("I16", "I04")
    assert (sheets("signed"), sheets("void"), sheets("draft")) == (
        [("I04", "I16")], [("I18",)], [("I11",)],
    )  # fmt: skip


def test_what_leaders_sign_above_supervision(database: str, tmp_path: Path) -> None:
    """Rung 1 on 1 June, 2 on the 7th (the 3rd is a holiday), 3 on the 9th, 4 on the 16th; 5 by a leader."""
    office = Office(database, tmp_path)
    office.open("2022-05-05")
    for day in ("2022-06-01", "2022-06-07", "2022-06-09"):
        office.run(day)
    money = number_of(office, "caizhengju", "I33")
    with pytest.raises(Refused, match="stands on rung 3; accountability is decided only after rung 4"):
        account(office.database, money, "久拖不决", now=at("2022-06-09", "10:00"), by=LEADER)
    one_order_for_the_water_bureau(office)
    office.run("2022-06-16")
    assert kinds(office, money) == {"supervision_order": "draft", "supervision_report": "draft"}
    with office.database.read() as session:
        drafted = select(Case.unit_id).join(Paper, col(Paper.case_id) == Case.id)
        late = session.exec(drafted.where(Paper.kind == "supervision_report", Paper.state == "draft")).all()
    [mail] = office.mails("2022-06-16", "lianluo@ducha.dxal.example")
    assert f"请将督查报告{len(late)}件送领导签发。" in mail.text
    assert f"6月16日（周四）拟稿{len(late)}件，涉及{len(set(late))}个单位，报领导小组" in mail.text

    host, joint = number_of(office, "shengtaiju", "I05"), number_of(office, "zuzhibu", "P1")
    water = number_of(office, "shengtaiju", "I06")
    commission = number_of(office, "jiwei", "P1")
    with office.database.read() as session:
        silent = session.exec(select(Case.id).where(Case.clock == "report").limit(1)).one() or 0
    before = picture(office.database)
    for number, reason, by, error, words in (
        (money, "久拖不决", SUPERVISOR, Refused, "signing an accountability file needs a leader"),
        (money, "久拖不决", OPERATOR, Refused, "signing an accountability file needs a leader"),
        (money, " ", LEADER, WrongInput, "--reason"),
        (money, "久拖不决", LEADER, Refused, r"supervision report .* is not signed yet"),
        (joint, "久拖不决", LEADER, Refused, r"The plan excepts .*P1.* from rung 5"),
        (commission, "久拖不决", LEADER, Refused, "地区纪委监委 is independent"),
        (silent, "久拖不决", LEADER, Refused, "the report clock ends at rung 3"),
    ):
        with pytest.raises(error, match=words):
            account(office.database, number, reason, now=NOW, by=by)
    with pytest.raises(WrongInput, match=r"has 2 drafts\. Say which: --rung 3 or --rung 4"):
        papers.sign(office.database, money, now=NOW, by=LEADER)
    with pytest.raises(Refused, match="signing a supervision report needs a leader"):
        papers.sign(office.database, money, rung=4, now=NOW, by=SUPERVISOR)
    assert picture(office.database) == before

    for number in (money, host):
        report = papers.sign(office.database, number, rung=4, now=NOW, by=LEADER)
        assert (report.kind, report.addressee) == ("supervision_report", "领导小组")
    file = account(office.database, money, "久拖不决", now=NOW, by=LEADER)
    assert (file.kind, file.rung, file.addressee, file.on) == (
        "accountability_file", 5, "地区纪委监委", date(2022, 6, 17),
    )  # fmt: skip
    with pytest.raises(Refused, match="stands on rung 5; accountability is decided already"):
        account(office.database, money, "再议", now=NOW, by=LEADER)

    # Signing checks the facts again: what is late no longer is not signed, and its drafts are void.
    postpone(office, water, "2022-06-30")
    with pytest.raises(
        Refused, match=r"is resolved since 2022-06-17. The draft \(supervision report\) is void"
    ):
        papers.sign(office.database, water, rung=4, now=NOW, by=LEADER)
    assert kinds(office, water) == {"supervision_order": "void", "supervision_report": "void"}

    # No message goes to the commission; who was told on paper is told on paper that it is resolved.
    postpone(office, money, "2022-06-30")
    postpone(office, host, "2022-06-30")
    sent = office.run("2022-06-20")
    assert sent["failed"] == 0
    assert kinds(office, money) == {
        "supervision_order": "void",
        "supervision_report": "signed",
        "accountability_file": "signed",
        "resolution_note": "draft",
    }
    assert kinds(office, host)["resolution_note"] == "draft"
    assert "resolution_note" not in kinds(office, water)  # the leaders had never heard of it
    with office.database.read() as session:
        resolved = session.exec(
            select(Unit.code).join(Notice, col(Notice.unit_id) == Unit.id).where(Notice.kind == "resolved")
        ).all()
    assert sorted(set(resolved)) == ["chuangjianban", "ducha", "xingshuban"]
    note = papers.sign(office.database, money, now=at("2022-06-20", "11:00"), by=LEADER)
    assert (note.kind, note.addressee) == ("resolution_note", "领导小组")
