"""Whole mails as a reader sees them, and what no fact in them can do."""

import email.charset
import random
import re
from collections import Counter
from dataclasses import replace
from datetime import date, time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from unittest import mock

import pytest

from eco_workflow.domain.clock import instant
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.messages import (
    Attachment,
    Backlog,
    Envelope,
    Item,
    NextStep,
    Office,
    Overdue,
    Request,
    Waiting,
)
from eco_workflow.domain.notices import KINDS
from eco_workflow.domain.one_line import one_line_per_item
from notifications.render import renderer
from tests.notifications import cast, printed

REQUEST = """\
【演示数据】【填报】3月14日调度4项，3月16日17:30前

【演示数据】地区水务局：请于3月16日17:30（周三）前填报3月14日调度进展，共4项。

■ 填报：3月14日调度
- I16 河湖岸线保护率
  牵头：补正后重新填报；完成期限5月31日（周二）；方案五(五)16
  退回原因：缺少省级管控目标文件
  上次填报：基数已测算
- I18 单位地区生产总值用水量
  牵头：填报进展；完成期限4月29日（周五）；方案五(六)18
  上次填报：无
- I04 河长制
  牵头：填报进展；完成期限5月31日（周二）；方案五(一)4
  上次填报：各县(区)已印发年度工作要点
- I32 绿色产品市场占有率
  数据提供：提供数据；完成期限5月31日（周二）；方案五(九)32
  上次填报：无

联系：大兴安岭地区创建办，电话0457-2730000
收件人：地区水务局 张三；大兴安岭地区创建国家生态文明建设示范区实施方案，2022年3月14日（周一）
报送方式：请将进展报大兴安岭地区创建办。
涉密信息不得填报。
"""

REMINDER = """\
【演示数据】【催办】3月14日调度2项逾期1个工作日

【演示数据】地区水务局：请补报3月14日调度进展，共2项；应于3月16日17:30（周三）前填报，逾期1个工作日。

■ 催办：3月14日调度
- I16 河湖岸线保护率，逾期1个工作日
  牵头：补正后重新填报；完成期限5月31日（周二）；方案五(五)16
  退回原因：缺少省级管控目标文件
  上次填报：基数已测算
- I04 河长制，逾期1个工作日
  牵头：填报进展；完成期限5月31日（周二）；方案五(一)4
  上次填报：各县(区)已印发年度工作要点
下一步：仍未填报的，最早于3月22日（周二）按规则告知分管领导。

联系：大兴安岭地区创建办，电话0457-2730000
收件人：地区水务局 张三；大兴安岭地区创建国家生态文明建设示范区实施方案，2022年3月17日（周四）
报送方式：请将进展报大兴安岭地区创建办。
涉密信息不得填报。
"""

ALERT = """\
【演示数据】【提请督办】2月28日、3月14日调度2个单位3项逾期

【演示数据】地委督查室：2个单位共3项逾期未填报，最早自3月2日17:30（周三）起。请审签督办单1份、商请函1份。

■ 提请督办：2月28日、3月14日调度逾期未填报
第1次告知：3月3日（周四）邮件1人次
第1次告知：3月17日（周四）邮件1人次
第2次告知：3月22日（周二）电话1人次
第2次告知：3月22日（周二）邮件2人次
督办单1份、商请函1份已拟稿，签发后发出。

地区中级人民法院（商请函）
2月28日调度，应于3月2日17:30（周三）前填报，逾期16个工作日，累计2轮未填报（2月28日、3月14日）
- P4 生态环境损害赔偿
  牵头：填报进展；完成期限5月31日（周二）；方案五(十一)4
  上次填报：无
3月3日（周四）邮件告知地区中级人民法院联络员（孙七）
3月22日（周二）电话告知地区中级人民法院分管领导（周八）

地区水务局（督办单）
3月14日调度，应于3月16日17:30（周三）前填报，逾期6个工作日，累计1轮未填报
- I18 单位地区生产总值用水量
  牵头：填报进展；完成期限4月29日（周五）；方案五(六)18
  上次填报：无
- I04 河长制
  牵头：填报进展；完成期限5月31日（周二）；方案五(一)4
  上次填报：各县(区)已印发年度工作要点
3月17日（周四）邮件告知地区水务局联络员（张三）
3月22日（周二）邮件告知地区水务局分管领导（李四）
3月22日（周二）邮件告知地区水务局联络员（张三）

联系：大兴安岭地区创建办，电话0457-2730000
收件人：地委督查室 王五；大兴安岭地区创建国家生态文明建设示范区实施方案，2022年3月24日（周四）
涉密信息不得填报。
"""

SUMMARY = """\
【演示数据】【汇总】3月14日调度应报5个单位，未报2个

【演示数据】领导小组：请阅3月14日调度汇总：截至3月16日，应报5个单位22项，已报16项；未填报2个单位，部分填报1个单位；未送达1个单位。

■ 汇总：3月14日调度（按填报汇总，未经审核）
未填报：地区中级人民法院、地区林草局
部分填报：地区水务局（4项已报1项）
退回补正：无
逾期填报：地区交通运输局
未送达：地区财政局
存在困难：
- 地区水务局：省级管控目标尚未下达
- 地区交通运输局：县(区)出行调查数据未汇总

联系：大兴安岭地区创建办，电话0457-2730000
收件人：领导小组 赵六；大兴安岭地区创建国家生态文明建设示范区实施方案，2022年3月16日（周三）
涉密信息不得填报。
"""

MIXED = """\
【演示数据】【提请督办·催办·填报·汇总·抄送】2月28日调度1个单位1项逾期；3月14日调度4项，3月16日17:30前

【演示数据】地区水务局：1个单位共1项逾期未填报，最早自3月2日17:30（周三）起。请审签商请函1份。
请补报2月28日调度进展，共2项；应于3月2日17:30（周三）前填报，逾期8个工作日。
请于3月16日17:30（周三）前填报3月14日调度进展，共4项。
请阅3月14日调度汇总：截至3月14日，应报5个单位22项，已报16项；未填报2个单位，部分填报1个单位；未送达1个单位。
抄送知悉，1个单位共2项逾期未填报，最早自3月16日17:30（周三）起。

■ 提请督办：2月28日调度逾期未填报
第1次告知：3月3日（周四）邮件1人次
第2次告知：3月22日（周二）电话1人次
商请函1份已拟稿，签发后发出。

地区中级人民法院（商请函）
2月28日调度，应于3月2日17:30（周三）前填报，逾期16个工作日，累计2轮未填报（2月28日、3月14日）
- P4 生态环境损害赔偿
  牵头：填报进展；完成期限5月31日（周二）；方案五(十一)4
  上次填报：无
3月3日（周四）邮件告知地区中级人民法院联络员（孙七）
3月22日（周二）电话告知地区中级人民法院分管领导（周八）

■ 催办：2月28日调度
累计2轮未填报（2月28日、3月14日）
- I16 河湖岸线保护率，逾期8个工作日
  牵头：补正后重新填报；完成期限5月31日（周二）；方案五(五)16
  退回原因：缺少省级管控目标文件
  上次填报：基数已测算
- I04 河长制，逾期8个工作日
  牵头：填报进展；完成期限5月31日（周二）；方案五(一)4
  上次填报：各县(区)已印发年度工作要点
仍未填报的，将列入通报。

■ 填报：3月14日调度
- I16 河湖岸线保护率
  牵头：补正后重新填报；完成期限5月31日（周二）；方案五(五)16
  退回原因：缺少省级管控目标文件
  上次填报：基数已测算
- I18 单位地区生产总值用水量
  牵头：填报进展；完成期限4月29日（周五）；方案五(六)18
  上次填报：无
- I04 河长制
  牵头：填报进展；完成期限5月31日（周二）；方案五(一)4
  上次填报：各县(区)已印发年度工作要点
- I32 绿色产品市场占有率
  数据提供：提供数据；完成期限5月31日（周二）；方案五(九)32
  上次填报：无

■ 汇总：3月14日调度（按填报汇总，未经审核）
未填报：地区中级人民法院、地区林草局
部分填报：地区水务局（4项已报1项）
退回补正：无
逾期填报：地区交通运输局
未送达：地区财政局
存在困难：
- 地区水务局：省级管控目标尚未下达
- 地区交通运输局：县(区)出行调查数据未汇总

■ 抄送：3月14日调度逾期未填报
第1次告知：3月17日（周四）邮件1人次
第2次告知：3月22日（周二）邮件2人次
督办单1份已拟稿，签发后发出。

地区水务局（督办单）
3月14日调度，应于3月16日17:30（周三）前填报，逾期6个工作日，累计1轮未填报
- I18 单位地区生产总值用水量
  牵头：填报进展；完成期限4月29日（周五）；方案五(六)18
  上次填报：无
- I04 河长制
  牵头：填报进展；完成期限5月31日（周二）；方案五(一)4
  上次填报：各县(区)已印发年度工作要点
3月17日（周四）邮件告知地区水务局联络员（张三）
3月22日（周二）邮件告知地区水务局分管领导（李四）
3月22日（周二）邮件告知地区水务局联络员（张三）

联系：大兴安岭地区创建办，电话0457-2730000
收件人：地区水务局 张三；大兴安岭地区创建国家生态文明建设示范区实施方案，2022年3月14日（周一）
报送方式：请将进展报大兴安岭地区创建办。
涉密信息不得填报。
"""


MAILS = {
    "request": (cast.request_mail, REQUEST),
    "reminder": (cast.reminder_mail, REMINDER),
    "alert": (cast.alert_mail, ALERT),
    "summary": (cast.summary_mail, SUMMARY),
    "mixed": (cast.mixed_mail, MIXED),
    "overdue": (cast.overdue_mail, printed.OVERDUE),
    "warning": (cast.warning_mail, printed.WARNING),
    "notice": (cast.notice_mail, printed.NOTICE),
    "notices": (cast.notices_mail, printed.NOTICES),
    "still silent": (cast.still_silent_mail, printed.STILL_SILENT),
    "overdue and silent": (cast.overdue_and_silent_mail, printed.OVERDUE_AND_SILENT),
    "joint alert": (cast.joint_alert_mail, printed.JOINT_ALERT),
    "task sheet": (cast.task_sheet_mail, printed.TASK_SHEET),
    "weekly": (cast.weekly_mail, printed.WEEKLY),
    "quiet week": (cast.quiet_week_mail, printed.QUIET_WEEK),
    "everything": (cast.everything_mail, printed.EVERYTHING),
}
every_kind = pytest.mark.parametrize("kind", MAILS)

render = renderer("office@eco.example")


def read(envelope: Envelope) -> EmailMessage:
    """The mail as a mail program understands it."""
    return message_from_bytes(render(envelope), policy=default)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


class Shown(HTMLParser):
    """What a person sees of a page. Links stand within the line, everything else is set apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(page[page.index("<body") :])

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.text += "" if tag == "a" else "\n"

    def handle_endtag(self, tag: str) -> None:
        self.handle_starttag(tag, None)

    def handle_data(self, data: str) -> None:
        self.text += data


WORDS = (
    "reason",
    "note",
    "by",
    "recorded",
    "value",
    "target",
    "addressee",
    "asked_by",
    "confirmed_by",
    "predecessor",
    "successor",
    "decides",
    "document",
)
"""Facts of notices that are people's own words."""


def facts(text: str) -> Counter[str]:
    """The text without what only arranges it."""
    return Counter(re.split(r"[\s，；：【】■-]+", text)) - Counter([""])


@every_kind
def test_a_mail_in_full(kind: str) -> None:
    make, expected = MAILS[kind]
    mail = read(make())
    assert f"{mail['Subject']}\n\n{part(mail, 'plain')}" == expected


@every_kind
def test_plain_and_html_carry_the_same_facts(kind: str) -> None:
    mail = read(MAILS[kind][0]())
    lines = facts(part(mail, "plain"))
    page = facts(Shown(part(mail, "html")).text)
    assert page == lines


@every_kind
def test_nothing_on_a_page_is_wider_than_a_phone(kind: str) -> None:
    """No width is asked for but the whole line's; only the telephone number does not break."""
    page = part(read(MAILS[kind][0]()), "html")
    widths = set(re.findall(r"""([\w-]*width)[:=]["']?([\w%-]+)""", page))
    assert widths == {("width", "100%"), ("max-width", "600px"), ("width", "device-width")}
    assert page.count("nowrap") == page.count('href="tel:') == 1
    assert "overflow-wrap:anywhere" in page


def test_a_mail_is_the_same_whatever_else_runs_in_this_process() -> None:
    """apprise, which Prefect brings along, changes how Python writes UTF-8 into mails."""
    before = render(cast.request_mail())
    with mock.patch.dict(email.charset.CHARSETS):
        email.charset.add_charset("utf-8", email.charset.QP, email.charset.QP, "utf-8")
        assert render(cast.request_mail()) == before
    assert b"Content-Transfer-Encoding: base64" in before


def test_the_headers_in_full() -> None:
    raw = render(cast.request_mail())
    mail = read(cast.request_mail())
    assert {name: str(value) for name, value in mail.items() if name != "Content-Type"} == {
        "From": "大兴安岭地区创建办 <office@eco.example>",
        "To": "张三 <zhangsan@water.example>",
        "Subject": "【演示数据】【填报】3月14日调度4项，3月16日17:30前",
        "Date": "Mon, 14 Mar 2022 09:00:05 +0800",
        "Message-ID": "<dxal-2022.17.2022-03-14@eco.example>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    assert [found.get_content_type() for found in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_the_same_envelope_gives_the_same_bytes() -> None:
    again = renderer("office@eco.example")
    assert render(cast.mixed_mail()) == again(cast.mixed_mail())
    other = replace(cast.mixed_mail(), message_id="<another@eco.example>")
    assert read(other).get_boundary() != read(cast.mixed_mail()).get_boundary()


def test_a_long_message_id_stays_on_one_line() -> None:
    long = "<envelope.1.2.2022-03-14@9f8e7d6c5b4a39281706f5e4d3c2b1a0.eco.example>"
    raw = render(replace(cast.request_mail(), message_id=long))
    assert f"\r\nMessage-ID: {long}\r\n".encode() in raw


def test_a_sender_may_bring_its_own_name() -> None:
    named = renderer("创建办 <office@eco.example>")(cast.request_mail())
    assert str(message_from_bytes(named, policy=default)["From"]) == "创建办 <office@eco.example>"


def test_a_sender_without_an_address_is_wrong_input() -> None:
    with pytest.raises(WrongInput, match="ECO_MAIL_FROM '创建办' cannot send mail"):
        renderer("创建办")


def test_nothing_in_earnest_is_marked() -> None:
    mail = read(replace(cast.request_mail(), marking=""))
    assert mail["Subject"] == "【填报】3月14日调度4项，3月16日17:30前"
    assert part(mail, "plain").startswith("地区水务局：请于")
    assert "演示数据" not in part(mail, "html")


def with_item(item: Item) -> Envelope:
    return replace(cast.ENVELOPE, requests=(Request(cast.MARCH, cast.MARCH_DUE, (item,)),))


def test_no_fact_becomes_markup() -> None:
    hostile = "<script>alert('1')</script> & \"x\" {{ 7 * 7 }}"
    mail = read(with_item(replace(cast.RIVER_CHIEF, title=hostile, last=hostile, returned=hostile)))
    page = part(mail, "html")
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &#34;x&#34; {{ 7 * 7 }}") == 3
    assert Shown(page).text.count(hostile) == 3
    assert part(mail, "plain").count(hostile) == 3


def test_no_fact_of_lateness_or_of_a_notice_becomes_markup() -> None:
    hostile = "<b>x</b> & {{ 7 * 7 }}\r\n联系：骗子"
    item = replace(cast.RIVER_CHIEF, title=hostile, place=hostile)
    told = replace(cast.LIAISON_TOLD, who=hostile)
    late = replace(cast.SHORELINE_UNMET, unit=hostile, item=item, why=hostile)
    above = cast.told_above(late, told)
    notices = [
        replace(
            cast.notice(kind),
            unit=hostile,
            item=item,
            facts={name: hostile if name in WORDS else value for name, value in facts_of.items()},
        )
        for kind, facts_of in cast.FACTS.items()
    ]
    envelope = replace(
        cast.JUNE_ENVELOPE,
        overdue=(replace(late, next_step=NextStep(2, cast.JUNE, hostile)),),
        overdue_alerts=(above,),
        overdue_copies=(above,),
        warnings=(item,),
        notices=tuple(notices),
    )
    mail = read(envelope)
    lines, page = part(mail, "plain"), part(mail, "html")
    once = "<b>x</b> & {{ 7 * 7 }} 联系：骗子"
    assert "<b>" not in page
    assert lines.count(once) == Shown(page).text.count(once) > 80
    assert "\n联系：骗子" not in lines
    assert facts(Shown(page).text) == facts(lines)


def test_no_fact_forges_a_line() -> None:
    forged = "河长制\r\n\r\n联系：骗子\u2028电话1\x0b2\u202e倒"
    mail = read(with_item(replace(cast.RIVER_CHIEF, title=forged)))
    assert "- I04 河长制 联系：骗子 电话1 2倒\n" in part(mail, "plain")
    assert "I04 河长制 联系：骗子 电话1 2倒</div>" in part(mail, "html")


@pytest.mark.parametrize(
    "name",
    [
        "张三\r\nBcc: a@b.example",
        '张三" <a@b.example>, "',
        "张三,a@b.example",
        "a@b.example",
        "张三\udc80",
        "",
    ],
)
def test_no_name_adds_a_header_or_a_recipient(name: str) -> None:
    envelope = replace(
        cast.request_mail(),
        recipient=replace(cast.LIAISON, name=name),
        office=Office(name, name),
        marking=name,
        plan=name,
    )
    mail = read(envelope)
    assert len(mail.keys()) == 8
    assert [found.addr_spec for found in mail["To"].addresses] == ["zhangsan@water.example"]
    assert [found.addr_spec for found in mail["From"].addresses] == ["office@eco.example"]


def test_names_of_any_signs_survive_the_folding_of_headers() -> None:
    chance = random.Random(2022)
    signs = "张三李四·- abcZ019,.;:<>()[]@\\\"'\r\n\t\x00\u202e\u3000=?_éß😀"
    for _ in range(300):
        name = "".join(chance.choices(signs, k=chance.randint(0, 60)))
        mail = read(replace(cast.request_mail(), recipient=replace(cast.LIAISON, name=name)))
        assert [found.addr_spec for found in mail["To"].addresses] == ["zhangsan@water.example"]
        assert not mail.defects


@pytest.mark.parametrize("address", ["", "张三@water.example", "a@b.example, c@d.example"])
def test_an_unusable_address_is_left_out_of_the_header(address: str) -> None:
    """It is `Send` that refuses it; rendering a batch must not fail for one contact."""
    mail = read(replace(cast.request_mail(), recipient=replace(cast.LIAISON, address=address)))
    assert mail["To"].addresses == ()
    assert "张三" in str(mail["To"])


def many(count: int) -> tuple[Item, ...]:
    return tuple(replace(cast.RIVER_CHIEF, code=f"T{number:03}") for number in range(1, count + 1))


def test_beyond_twenty_items_the_rest_is_named_by_code() -> None:
    """There is no other place yet where a liaison finds what is asked."""
    asked = Request(cast.MARCH, cast.MARCH_DUE, many(23))
    late = replace(cast.REMINDER, items=many(21))
    mail = read(replace(cast.ENVELOPE, requests=(asked,), reminders=(late,)))
    for text in (part(mail, "plain"), part(mail, "html")):
        assert text.count("T020 ") == 2
        assert "T021 " not in text
        assert text.count("另有3项：T021、T022、T023") == text.count("另有1项：T021") == 1
        assert "共23项" in text


def test_who_is_asked_for_figures_is_told_the_parts_and_who_only_hears_of_it_is_not() -> None:
    """A figure is given for each part, so a request and a reminder name them; an alert stays short."""
    air = Item(
        "I07", "环境空气质量", "lead", "五(二)7", parts=(("I07.1", "优良天数比例"), ("I07.2", "下降幅度"))
    )
    asked = replace(cast.ENVELOPE, requests=(replace(cast.REQUEST, items=(air,)),))
    late = replace(cast.ENVELOPE, reminders=(replace(cast.REMINDER, items=(air,)),))
    line = "分项填报：I07.1 优良天数比例；I07.2 下降幅度"
    for envelope in (asked, late):
        mail = read(envelope)
        assert f"  {line}\n" in part(mail, "plain")
        assert f"<div>{line}</div>" in part(mail, "html")
    alert = replace(cast.ENVELOPE, alerts=(replace(cast.WATER_ALERT, items=(air,)),))
    assert "分项" not in part(read(alert), "plain")


def test_alerts_and_copies_are_complete() -> None:
    alerts = tuple(replace(cast.WATER_ALERT, unit=f"单位{n:02}", items=many(25)) for n in range(30))
    mail = read(replace(cast.alert_mail(), alerts=alerts, copies=alerts))
    for text in (part(mail, "plain"), part(mail, "html")):
        assert text.count("T025") == 60
        assert text.count("单位29（督办单）") == 2
        assert "另有" not in text
        assert "30个单位共750项" in text


def late_items(count: int, unit: str = "地区水务局") -> tuple[Overdue, ...]:
    """The first is late longest."""
    return tuple(
        replace(cast.RIVER_CHIEF_LATE, unit=unit, item=item, days_late=count - number)
        for number, item in enumerate(many(count))
    )


def test_beyond_twenty_overdue_items_the_rest_is_counted() -> None:
    warned = many(22)
    mail = read(replace(cast.JUNE_ENVELOPE, overdue=late_items(25)[::-1], warnings=warned))
    for text in (part(mail, "plain"), part(mail, "html")):
        assert [text.count(f"T{number:03} 河长制") for number in (1, 20, 21, 25)] == [2, 2, 0, 0]
        assert text.count("另有5项：T021、T022、T023、T024、T025") == text.count("另有2项：T021、T022") == 1
        assert "共25项；最早期限5月31日（周二），最长逾期25个工作日" in text
        assert "下一步：仍未完成的，最早于6月15日（周三）按规则告知分管领导。" in text
    assert mail["Subject"] == "【演示数据】【逾期·临期】25项逾期，最长25个工作日；22项临期，最早5月31日"


def test_an_alert_of_overdue_items_is_complete_unit_by_unit() -> None:
    lists = {"地区水务局": late_items(22), "地区林草局": late_items(4, "地区林草局")}
    court = replace(cast.COURT_OVERDUE, days_late=30)
    every = (*lists["地区林草局"], *lists["地区水务局"], court)
    told = tuple(replace(one, next_step=None, tellings=(cast.LEADER_TOLD,)) for one in every)
    mail = read(replace(cast.JUNE_ENVELOPE, overdue_alerts=told, overdue_copies=told))
    assert mail["Subject"] == "【演示数据】【提请督办·抄送】3个单位27项逾期；3个单位27项逾期"
    text = part(mail, "plain")
    assert "：3个单位共27项逾期未完成，最早期限5月31日（周二）。请审签督办单2份、商请函1份。\n" in text
    assert "第2次告知：6月7日（周二）电话1人次\n" in text
    alert = text[text.index("■ 提请督办") : text.index("■ 抄送")]
    assert re.findall(r"^(\S+)（(?:督办单|商请函)", alert, re.MULTILINE) == [
        "地区中级人民法院",
        "地区水务局",
        "地区林草局",
    ]
    assert alert.count("\n- ") == 27
    assert "另有" not in text + part(mail, "html")
    assert part(mail, "html").count("T022 河长制") == 2


def test_items_nobody_was_told_of_are_named_in_the_alert() -> None:
    told = cast.told_above(cast.WATER_USE_LATE, cast.LIAISON_TOLD)
    mail = read(replace(cast.JUNE_ENVELOPE, overdue_alerts=(cast.told_above(cast.RIVER_CHIEF_LATE), told)))
    assert "地区水务局联络员（张三）：I18\n无告知记录：I04\n" in part(mail, "plain")


def test_notices_are_never_cut_since_each_is_told_once() -> None:
    notices = tuple(replace(cast.notice("suspended"), item=item) for item in many(30))
    mail = read(replace(cast.JUNE_ENVELOPE, notices=notices))
    assert mail["Subject"] == "【演示数据】【通知】暂停计时：T001 6月10日起等30件"
    assert part(mail, "plain").count("\n- 暂停计时：T") == 30
    assert "请阅通知30件。" in part(mail, "plain")


def test_every_kind_of_notice_is_in_the_cast() -> None:
    assert set(cast.FACTS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_reads_well_in_a_message_of_its_own(kind: str) -> None:
    mail = read(replace(cast.JUNE_ENVELOPE, marking="", notices=(cast.notice(kind),)))
    assert mail["Subject"] == printed.NOTICE_SUBJECTS[kind]
    first = part(mail, "plain").split("\n")[0]
    assert first == printed.NOTICE_LEADS[kind]
    # Few who get a notice have a console.
    assert "eco " not in part(mail, "plain")


def test_an_issue_stands_in_its_mail_with_its_paragraphs() -> None:
    """Indented, so that no line of it passes for one of the mail; what it holds becomes no markup."""
    made = cast.notice("issue_released")
    text = "第一段<b>\r\n\n■ 通知：1件\n"
    mail = read(replace(cast.JUNE_ENVELOPE, notices=(replace(made, facts=made.facts | {"text": text}),)))
    assert "编号B2022-05\n  第一段<b>\n  ■ 通知：1件\n\n" in part(mail, "plain")
    html = part(mail, "html")
    assert '<p style="margin:8px 0 0">第一段&lt;b&gt;</p>' in html
    assert '<p style="margin:8px 0 0">■ 通知：1件</p>' in html


def test_an_incomplete_notice_is_never_sent() -> None:
    incomplete = replace(cast.notice("returned"), facts={"reason": "缺少佐证"})
    with pytest.raises(ValueError, match="due_at is missing"):
        render(replace(cast.JUNE_ENVELOPE, notices=(incomplete,)))


@pytest.mark.parametrize(
    ("kind", "change", "line"),
    [
        (
            "no_contact",
            {"role": "leader", "why": "refused", "above": "地委督查室"},
            "请于6月10日（周五）当日更正地区水务局分管领导地址。",
        ),
        ("suspension_asked", {"state": "not_applicable"}, "请会签地区水务局I24的不适用申请。"),
        ("confirm_on_behalf", {"means": "letter"}, "钱九据信函代填：推进中，已完成设计"),
        ("annulled", {"clock": "indicator"}, "起逾期未确认达标一项记录有误"),
        ("annulled", {"stands": "late"}, "撤销，不计入排名；撤销时仍逾期，从第1级重新催办；申请"),
    ],
)
def test_codes_in_a_notice_are_worded(kind: str, change: dict[str, str], line: str) -> None:
    made = cast.notice(kind)
    mail = read(replace(cast.JUNE_ENVELOPE, notices=(replace(made, facts=made.facts | change),)))
    assert line in part(mail, "plain")


def test_a_warning_tells_apart_what_is_late_some_days_after_its_date_only() -> None:
    near = cast.warning_mail()
    first, second = near.warnings
    mail = read(replace(near, warnings=(first, replace(second, late_from=date(2022, 6, 7)))))
    assert (
        "下一步：过期未完成的，自期限次日起计逾期，按规则催办；I18仍未完成的，自6月7日（周二）起按规则催办。"
    ) in part(mail, "plain")


def test_a_closed_case_of_answers_is_told_without_an_item() -> None:
    mail = read(replace(cast.JUNE_ENVELOPE, notices=(replace(cast.notice("resolved"), item=None),)))
    assert mail["Subject"] == "【演示数据】【通知】督办解除：地区水务局填报"


def test_the_subject_gives_details_of_the_first_two_kinds_only() -> None:
    mail = read(replace(cast.overdue_mail(), requests=(cast.REQUEST,), notices=(cast.notice("merged"),)))
    assert mail["Subject"] == (
        "【演示数据】【逾期·填报·通知】3项逾期，最长28个工作日；3月14日调度4项，3月16日17:30前"
    )


def test_the_time_of_a_request_stands_in_every_subject_that_has_one() -> None:
    """The office is late with its own items and with reviews, and is asked."""
    waits = (Waiting("answer", 2, date(2022, 3, 10), 4, 3), Waiting("step", 1, date(2022, 3, 11), 3, 3))
    backlog = Backlog("地区创建办", 1, waits, 1, None, (), independent=False)
    envelope = replace(cast.overdue_mail(), marking="", backlog=(backlog,))
    assert read(envelope)["Subject"] == (
        "【逾期·待审逾期】3项逾期，最长28个工作日；待审3项逾期，最长1个工作日"
    )
    asked = replace(envelope, requests=(cast.REQUEST,), summaries=(cast.SUMMARY,))
    assert read(asked)["Subject"] == (
        "【逾期·待审逾期·填报·汇总】3项逾期，最长28个工作日；3月14日调度4项，3月16日17:30前"
    )


def test_less_than_a_day_late_is_said_so() -> None:
    late = replace(cast.RIVER_CHIEF_LATE, days_late=0)
    one = read(replace(cast.JUNE_ENVELOPE, overdue=(late,)))
    assert one["Subject"] == "【演示数据】【逾期】1项逾期不足1个工作日"
    two = read(replace(cast.JUNE_ENVELOPE, overdue=(late, late)))
    assert two["Subject"] == "【演示数据】【逾期】2项逾期，最长不足1个工作日"


def test_a_step_for_all_items_names_none_and_the_last_one_says_so() -> None:
    last = replace(cast.RIVER_CHIEF_LATE, next_step=None)
    mail = read(replace(cast.JUNE_ENVELOPE, overdue=(last,)))
    assert "\n仍未完成的，将列入通报。\n" in part(mail, "plain")


def test_a_leader_is_asked_to_see_to_it() -> None:
    mail = read(replace(cast.reminder_mail(), recipient=cast.LEADER))
    assert "请督促补报3月14日调度进展" in part(mail, "plain")
    late = read(replace(cast.overdue_mail(), recipient=cast.LEADER, warnings=(cast.RIVER_CHIEF,)))
    assert "请督促完成并填报逾期事项，共2项" in part(late, "plain")
    assert "请督促补正已报完成、未确认达标事项，共1项" in part(late, "plain")
    assert "请督促按期完成并填报临期事项，共1项" in part(late, "plain")


def test_dates_of_another_year_say_the_year() -> None:
    mail = read(with_item(replace(cast.RIVER_CHIEF, due_on=date(2021, 12, 31))))
    assert "完成期限2021年12月31日（周五），已过" in part(mail, "plain")


def test_a_longer_silence_comes_first() -> None:
    shorter = replace(cast.REMINDER, days_late=1)
    longer = replace(cast.REMINDER, round_on=cast.FEBRUARY, days_late=9)
    mail = read(replace(cast.ENVELOPE, reminders=(shorter, longer)))
    assert mail["Subject"].endswith("2月28日调度2项逾期9个工作日、3月14日调度2项逾期1个工作日")


def test_who_owes_no_answer_is_not_told_where_to_report() -> None:
    """Alerts, copies, decisions to know of, and whatever goes to the office itself."""
    way = "报送方式"
    to_office = replace(cast.reminder_mail(), recipient=cast.OFFICE_LIAISON)
    silent_on_it = (cast.alert_mail, cast.summary_mail, cast.weekly_mail, cast.notice_mail, lambda: to_office)
    for make in silent_on_it:
        assert way not in part(read(make()), "plain") + part(read(make()), "html")
    returned = replace(cast.JUNE_ENVELOPE, notices=(cast.notice("returned"),))
    for envelope in (cast.request_mail(), cast.reminder_mail(), cast.overdue_mail(), returned):
        assert way in part(read(envelope), "plain")
        assert way in part(read(envelope), "html")


def owed(item: Item, round_on: date, due_on: date, days_late: int) -> Item:
    """An answer that is late since 17:30 of that day."""
    due_at = instant(due_on, time(17, 30))
    return replace(item, round_on=round_on, due_at=due_at, days_late=days_late)


def test_of_many_due_times_the_first_and_the_last_are_said() -> None:
    """Two rounds and a returned answer: each row says its own days, the first line stays short."""
    february = owed(cast.RIVER_CHIEF, cast.FEBRUARY, date(2022, 3, 2), 13)
    march = owed(cast.GREEN_GOODS, cast.MARCH, date(2022, 3, 16), 3)
    returned = owed(cast.SHORELINE, cast.MARCH, date(2022, 3, 18), 1)
    late = replace(cast.REMINDER, items=(february, march, returned), days_late=13)
    mail = read(
        replace(
            cast.reminder_mail(), reminders=(late,), alerts=(replace(cast.WATER_ALERT, items=late.items),)
        )
    )
    due = (
        "最早应于3月2日17:30（周三）前填报，最长逾期13个工作日；"
        "最近应于3月18日17:30（周五）前填报，逾期1个工作日"
    )
    assert (
        "【提请督办·催办】2月28日、3月14日调度1个单位3项逾期；2月28日、3月14日调度3项逾期，最长13个工作日"
        in mail["Subject"]
    )
    for text in (part(mail, "plain"), Shown(part(mail, "html")).text):
        assert f"请补报2月28日、3月14日调度进展，共3项；{due}。" in text
        assert f"2月28日、3月14日调度，{due}；累计1轮未填报" in text


def test_what_is_overdue_work_too_makes_the_rest_no_later_than_it_is() -> None:
    """Of what was asked in February, I04 stands with the overdue work: what is left was asked in March."""
    february = owed(cast.RIVER_CHIEF, cast.FEBRUARY, date(2022, 3, 2), 13)
    march = owed(cast.GREEN_GOODS, cast.MARCH, date(2022, 3, 16), 3)
    late = replace(cast.REMINDER, round_on=cast.FEBRUARY, days_late=13, items=(february, march))
    alert = replace(cast.WATER_ALERT, round_on=cast.FEBRUARY, items=late.items, due_at=cast.FEBRUARY_DUE)
    above = cast.told_above(cast.RIVER_CHIEF_LATE)
    mail = read(
        one_line_per_item(
            replace(
                cast.reminder_mail(),
                overdue=(cast.RIVER_CHIEF_LATE,),
                reminders=(late,),
                alerts=(alert,),
                overdue_alerts=(above,),
            )
        )
    )
    text = part(mail, "plain")
    assert "请补报3月14日调度进展，共1项；应于3月16日17:30（周三）前填报，逾期3个工作日。" in text
    assert "1个单位共1项逾期未填报，最早自3月16日17:30（周三）起" in text


def test_what_happened_to_an_item_is_told_in_its_order() -> None:
    """Suspended and resumed before the mail left: whoever read the former last would take it to rest."""
    other = replace(cast.notice("suspended"), item=cast.RIVER_CHIEF)
    told = (cast.notice("closed_out"), other, *map(cast.notice, ("suspended", "resumed", "returned")))
    text = part(read(replace(cast.JUNE_ENVELOPE, notices=told)), "plain")
    assert re.findall(r"^- (\w+)：(\w+) ", text, re.M) == [
        ("退回补正", "I24"), ("办结", "I24"), ("暂停计时", "I04"), ("暂停计时", "I24"), ("恢复计时", "I24"),
    ]  # fmt: skip


def test_an_office_without_a_telephone_has_no_link() -> None:
    mail = read(replace(cast.request_mail(), office=Office("大兴安岭地区创建办", "")))
    assert "联系：大兴安岭地区创建办\n" in part(mail, "plain")
    assert "tel:" not in part(mail, "html")


def test_a_telephone_puts_digits_only_into_its_link() -> None:
    mail = read(replace(cast.request_mail(), office=Office("创建办", '(0457) 273"><b>0000')))
    assert 'href="tel:04572730000"' in part(mail, "html")


def test_an_attachment_keeps_its_chinese_name_and_its_bytes_beside_the_words() -> None:
    """RFC 2231, so that every reader shows the name; what no file name may hold becomes a line."""
    files = (
        Attachment("3月14日调度督办单（第1号）.docx", "application/vnd.openxmlformats", b"PK\x00\xff" * 90),
        Attachment('a/b\\"c\r\nX-Evil: 1.pdf', "application/pdf", b"%PDF"),
        Attachment("长" * 300 + ".pdf", "application/pdf", b""),
    )
    raw = render(replace(cast.request_mail(), attachments=files))
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    assert b"filename*=utf-8''3%E6%9C%88" in raw
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    attached = list(mail.iter_attachments())
    assert [part.get_filename() for part in attached] == [
        "3月14日调度督办单（第1号）.docx",
        "a_b__c__X-Evil_ 1.pdf",
        "长" * 76 + ".pdf",
    ]
    assert [part.get_payload(decode=True) for part in attached] == [file.content for file in files]
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") in REQUEST
    assert raw == render(replace(cast.request_mail(), attachments=files))
