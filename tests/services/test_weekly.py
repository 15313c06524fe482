"""The weekly report to the operators: what ran, what did not, what awaits them; told once a week."""

from datetime import date
from pathlib import Path

from sqlmodel import col, select

from eco_workflow.plans.load import read
from eco_workflow.services.hold import hold, release
from eco_workflow.services.load_plan import activate
from eco_workflow.services.weekly import write_down
from eco_workflow.store.migrate import upgrade
from eco_workflow.store.tables import Contact, Message, Night, Notice
from flows.wiring import report_week
from tests.office import OPERATOR, Office, at

OPERATORS = "lianluo@chuangjianban.dxal.example"


def reports(office: Office, day: str) -> list[str]:
    """The section of each weekly report that reached the office's liaison on a day."""
    mails = [mail.text for mail in office.mails(day, OPERATORS) if "■ 系统周报" in mail.text]
    texts = [text.replace("\r\n", "\n").partition("■ 系统周报：")[2] for text in mails]
    return [text.partition("\n\n")[0] for text in texts]


def morning(office: Office, day: str) -> None:
    """The day as the timetable has it: the report is written down, then the run carries it."""
    report_week(office.settings, at(day, "08:30"))
    office.run(day)


def test_what_ran_and_what_did_not_and_what_awaits_the_operators(office: Office) -> None:
    office.silent("2022-03-14", "2022-03-15")
    office.answer("shuiwuju", "2022-03-15")
    office.run("2022-03-17", "10:30")
    office.run("2022-03-18")
    with office.database.write() as session:  # as a process leaves it that died between two lines
        message = session.exec(select(Message).where(Message.on_date == at("2022-03-14").date())).first()
        assert message is not None
        message.state = "unknown"
        for day, wrong in (("2022-03-19", "not backed up: …"), ("2022-03-20", "")):
            on, night = date.fromisoformat(day), at(day, "02:30")
            session.add(Night(on_date=on, at=night, backed_up=not wrong, anchored=True, wrong=wrong))
    office.run("2022-03-19")
    morning(office, "2022-03-21")
    [report] = reports(office, "2022-03-21")
    assert report.splitlines()[:5] == [
        "3月14日至3月20日",
        "运行：应7次，实5次，未运行2次（最早3月16日（周三），最近3月20日（周日）），迟于时点1次（最近3月17日10:30（周四））",
        "3月14日调度：应报22个单位，已报1个",
        "消息：已发42件，结果不明1件",
        "- 填报待审核5项，最早自3月15日（周二）起，命令：eco report list",
    ]
    assert "- 消息结果不明待核实1项，最早自3月14日（周一）起，命令：eco outbox list --state unknown" in report
    assert "- 夜间备份或审计核对异常1次，最早自3月19日（周六）起，命令：eco health" in report
    assert "- 启用前已到期事项待核定3项，命令：eco item list --unsettled" in report


def test_the_first_report_counts_no_day_before_the_plan_was_activated(database: str, tmp_path: Path) -> None:
    """Started from a day that had passed; nobody was to run anything on the days in between."""
    office = Office(database, tmp_path)
    upgrade(office.database)
    plan, begun = read(office.plan), at("2022-03-17", "10:00")
    activate(office.database, plan, active_from=date(2022, 3, 1), now=begun, actor="operator")
    office.run("2022-03-18")
    office.run("2022-03-19")
    morning(office, "2022-03-21")
    [report] = reports(office, "2022-03-21")
    assert report.splitlines()[:2] == [
        "3月17日至3月20日",
        "运行：应3次，实2次，未运行1次（最早3月20日（周日））",
    ]


def kept(office: Office, *days: str) -> None:
    """The nights of these days went well."""
    with office.database.write() as session:
        for day in days:
            on, night = date.fromisoformat(day), at(day, "02:30")
            session.add(Night(on_date=on, at=night, backed_up=True, anchored=True, wrong=""))


NIGHTS = "- 夜间备份或审计核对异常"


def test_every_night_that_was_missed_is_counted_also_between_two_that_went_well(office: Office) -> None:
    """The 15th to the 18th, then the 20th and this one; before the first night ever none was missed."""
    office.silent("2022-03-14", "2022-03-15")
    kept(office, "2022-03-14", "2022-03-19")
    morning(office, "2022-03-21")
    [report] = reports(office, "2022-03-21")
    assert f"{NIGHTS}6次，最早自3月15日（周二）起，命令：eco health" in report


def test_a_night_that_may_still_be_made_up_for_is_counted_by_the_next_report(office: Office) -> None:
    """The machine was off in the night to Monday; the one before went well."""
    office.silent("2022-03-14", "2022-03-15")
    kept(office, "2022-03-19", "2022-03-20")
    morning(office, "2022-03-21")
    assert NIGHTS not in reports(office, "2022-03-21")[0]
    kept(office, *(f"2022-03-{day}" for day in range(22, 29)))
    morning(office, "2022-03-28")
    assert f"{NIGHTS}1次，最早自3月21日（周一）起" in reports(office, "2022-03-28")[0]


def test_days_on_which_no_message_left_are_told_once_the_mail_server_is_back(office: Office) -> None:
    office.silent("2022-03-11")
    mends = office.settings
    office.settings = mends.model_copy(update={"mail_url": "smtp://127.0.0.1:1"})
    for day in ("2022-03-14", "2022-03-15", "2022-03-16"):
        office.run(day)
    office.settings = mends
    office.run("2022-03-17")
    morning(office, "2022-03-21")
    [report] = reports(office, "2022-03-21")
    assert "已撤66件；3天未能发出任何消息（最早3月14日（周一），最近3月16日（周三））" in report


def test_who_was_put_off_all_week_is_named_until_something_is_taken(office: Office) -> None:
    office.silent("2022-03-11")
    boxes = office.home / "mail"
    boxes.mkdir()
    full = [boxes / f"lianluo@{unit}.dxal.example" for unit in ("shuiwuju", "lincaoju")]
    for box in full:
        box.touch()  # where its folder should be
    for day in range(14, 19):
        office.run(f"2022-03-{day}")
    morning(office, "2022-03-21")
    [report] = reports(office, "2022-03-21")
    who = "地区水务局联络员、地区林业和草原局联络员"
    assert f"- 消息未能送达2人：{who}，最早自3月14日（周一）起，命令：eco status" in report.splitlines()
    for box in full:
        box.unlink()
    office.run("2022-03-22")
    morning(office, "2022-03-28")
    assert "消息未能送达" not in reports(office, "2022-03-28")[0]


def test_it_is_told_once_a_week_in_the_days_envelope_on_a_working_day(office: Office) -> None:
    office.silent("2022-03-14")
    written = [
        write_down(office.database, at(day, "08:30")) for day in ("2022-04-04", "2022-04-04", "2022-04-05")
    ]
    assert written == [1, 0, 0]
    for day in ("2022-04-04", "2022-04-05"):  # Qingming
        office.run(day)
        assert reports(office, day) == []
    office.run("2022-04-06")
    assert len(reports(office, "2022-04-06")) == 1
    morning(office, "2022-04-07")
    assert reports(office, "2022-04-07") == []
    [envelope] = office.mails("2022-04-06", OPERATORS)
    assert "系统周报" in envelope.subject
    morning(office, "2022-04-11")
    assert reports(office, "2022-04-11")[0].startswith("4月6日至4月10日\n运行：应5次，实2次")


def test_nothing_is_reported_of_a_plan_that_is_held_has_not_begun_or_has_ended(office: Office) -> None:
    for day in ("2022-02-28", "2022-03-01", "2023-01-02"):
        assert write_down(office.database, at(day)) == 0
    office.silent("2022-03-14")
    hold(office.database, "核对名单", now=at("2022-03-20", "10:00"), by=OPERATOR)
    assert write_down(office.database, at("2022-03-21")) == 0
    release(office.database, office.days, now=at("2022-03-23", "08:00"), by=OPERATOR)
    morning(office, "2022-03-23")
    [report] = reports(office, "2022-03-23")
    assert "运行：应4次，实0次" in report


def test_one_that_could_not_be_told_gives_way_to_the_next_which_goes_on_from_the_last_that_was(
    office: Office,
) -> None:
    office.silent("2022-03-14")
    with office.database.write() as session:
        office_liaison = session.exec(select(Contact).where(Contact.address == OPERATORS)).one()
        office_liaison.failed_on = at("2022-03-15").date()
    morning(office, "2022-03-21")
    with office.database.write() as session:
        session.exec(select(Contact).where(Contact.address == OPERATORS)).one().failed_on = None
    morning(office, "2022-03-28")
    [report] = reports(office, "2022-03-28")
    assert report.startswith("3月21日至3月27日")
    with office.database.read() as session:
        told = session.exec(select(col(Notice.told_on)).where(col(Notice.kind) == "weekly")).all()
    assert told == [at("2022-03-28").date()] * 2
