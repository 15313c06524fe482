"""What happens in the demo beside rounds and answers, as a table: day, in words, and the service called."""

from dataclasses import dataclass
from datetime import date, time

from eco_workflow.domain.clock import instant
from eco_workflow.services import demo_acts as do
from eco_workflow.services import demo_facts as facts
from eco_workflow.services import demo_gates as gates
from eco_workflow.services.cast import LATE, PROMPT, SILENT
from eco_workflow.services.demo_office import DemoOffice

BEFORE_THE_RUN = time(8, 30)
IN_THE_AFTERNOON = time(17)
"""After the day's answers, before the office reviews."""


@dataclass(frozen=True)
class Event:
    """Something that happens on a day. `act`: None where the engine is off, up to and with `until`."""

    on: date
    what: str
    act: do.Act | None = None
    at: time = IN_THE_AFTERNOON
    until: date | None = None

    def is_outage(self, day: date) -> bool:
        """Whether the engine is off on that day because of it."""
        return self.act is None and self.on <= day <= (self.until or self.on)

    def as_json(self) -> dict[str, object]:
        """Day, hour and words."""
        return {"on": self.on, "until": self.until, "at": self.at.isoformat("minutes"), "what": self.what}

    def happen(self, office: DemoOffice) -> list[str]:
        """Does it; returns what was done, in words, and what came of it where that was open."""
        came = self.act(office, instant(self.on, self.at)) if self.act else None
        return [came if isinstance(came, str) else self.what]


PHASE_1 = ("M1.1", "M1.2", "M1.3")

STORY = (
    Event(date(2021, 10, 8), "accounts: an operator, a supervisor, a leader",
          do.open_accounts()),
    Event(date(2022, 2, 11), "ad-hoc round planned: M1.1–M1.3 of 地区创建办",
          do.ask_adhoc(date(2022, 2, 14), *PHASE_1)),
    Event(date(2022, 2, 16), "phase 1 tried",
          gates.close(1)),
    Event(date(2022, 2, 21), "evidence of M1.1–M1.3",
          gates.prove(*PHASE_1)),
    Event(date(2022, 2, 25), "phase 1 closed",
          gates.close(1)),
    Event(date(2022, 3, 4), "superiors' figures and bases recorded",
          do.set_targets()),
    Event(date(2022, 3, 11), "steps set: I26 of 地区住房城乡建设局",
          do.add_steps("I26", ("方案", date(2022, 3, 25)), ("改造", date(2022, 5, 20)))),
    Event(date(2022, 3, 18), "funds: I26 of 地区住房城乡建设局, 1200 of 1200 arrived",
          facts.fund("zhujianju", "I26", budget="1200", source="省级专项", arrived="1200", spent="350")),
    Event(date(2022, 3, 18), "funds: I27 of 地区住房城乡建设局, 400 of 860 arrived",
          facts.fund("zhujianju", "I27", budget="860", source="地区财政", arrived="400", spent="380")),
    Event(date(2022, 3, 18), "funds: I30 of 地区交通运输局, 60 of 60 arrived",
          facts.fund("jiaotongju", "I30", budget="60", source="部门预算", arrived="60", spent="20")),
    Event(date(2022, 3, 25), "dates and targets agreed on",
          do.agree(PROMPT)),
    Event(date(2022, 3, 30), "information offered: 地区水务局",
          do.offer("shuiwuju", "河长制巡河全覆盖")),
    Event(date(2022, 3, 31), "returned: 地区财政局 I33",
          do.give_back("caizhengju", "I33", "缺少数据来源")),
    Event(date(2022, 4, 1), "mended: 地区财政局 I33",
          do.mend("caizhengju", "I33", "已补充数据来源")),
    Event(date(2022, 4, 7), "bounced: reminder to the leader of 地区教育局, rung 2",
          do.mail_came_back("fenguan@jiaoyuju.dxal.example", date(2022, 4, 6), "550 no such mailbox"),
          BEFORE_THE_RUN),
    Event(date(2022, 4, 8), "contact corrected: leader of 地区教育局",
          do.replace("jiaoyuju", "leader", "分管领导·教育局", "xin@jiaoyuju.dxal.example"), BEFORE_THE_RUN),
    Event(date(2022, 4, 9), "veto item declared: V1 of 行署办公室, on a Saturday",
          gates.declare("xingshuban", "V1", "收到督察组转办件")),
    Event(date(2022, 4, 11), "veto item an error: V1 of 行署办公室",
          gates.find_an_error("xingshuban", "V1", "转办件不属重大问题")),
    Event(date(2022, 4, 13), "engine off", until=date(2022, 4, 15)),
    Event(date(2022, 4, 20), "merged: 地委巡查办 into 地委督查室",
          do.merge("xunchaban", "ducha")),
    Event(date(2022, 4, 25), "dates and targets agreed on",
          do.agree(PROMPT, LATE)),
    Event(date(2022, 4, 29), "step done: I26 of 地区住房城乡建设局",
          do.step_done("zhujianju", "I26", 1)),
    Event(date(2022, 5, 6), "survey of 11 to 22 April: I32, I35, I36 of 大兴安岭调查队",
          facts.ask_the_public("diaochadui", "公众满意度和参与度调查", 1000, date(2022, 4, 11),
                               date(2022, 4, 22), "I32", "I35", "I36")),
    Event(date(2022, 5, 6), "instruction assigned: T003 of 地委宣传部",
          do.instruct("xuanchuanbu", "组织创建宣传月活动", date(2022, 5, 31))),
    Event(date(2022, 5, 9), "engine off", until=date(2022, 5, 10)),
    Event(date(2022, 5, 12), "inspection: T004 of 地区住房城乡建设局, T005 of 地区公安局",
          do.inspect("建筑渣土运输", "地区住房城乡建设局: 渣土场补建围挡: 2022-06-10",
                     "地区公安局: 补查夜间运输车辆: 2022-06-10")),
    Event(date(2022, 5, 17), "held: 地委全会期间暂停发函",
          do.stop_sending("地委全会期间暂停发函"), BEFORE_THE_RUN),
    Event(date(2022, 5, 20), "the plan goes on",
          do.go_on(), BEFORE_THE_RUN),
    Event(date(2022, 5, 20), "evidence returned: 地区财政局 I33",
          gates.return_file("I33", "数据年份不清")),
    Event(date(2022, 5, 23), "extension asked: 地区交通运输局 I30 until 06-30",
          do.ask_extension("jiaotongju", "I30", date(2022, 6, 30), "年度统计数据6月下旬发布")),
    Event(date(2022, 5, 25), "extension granted: 地区交通运输局 I30",
          do.decide("jiaotongju", "I30", grant=True)),
    Event(date(2022, 5, 26), "evidence brought anew: 地区财政局 I33",
          gates.bring("caizhengju", "I33")),
    Event(date(2022, 5, 27), "evidence of M2.2",
          gates.prove("M2.2")),
    Event(date(2022, 5, 27), "evidence of M2.3: the film",
          gates.prove("M2.3", only="E1")),
    Event(date(2022, 5, 30), "extension asked: 地区住房城乡建设局 I27 until 08-31",
          do.ask_extension("zhujianju", "I27", date(2022, 8, 31), "管网工程尚未验收")),
    Event(date(2022, 5, 30), "extension asked: 地区住房城乡建设局 I28 until 11-30",
          do.ask_extension("zhujianju", "I28", date(2022, 11, 30), "公园绿地秋季竣工")),
    Event(date(2022, 5, 31), "extension refused: 地区住房城乡建设局 I27",
          do.decide("zhujianju", "I27", grant=False, reason="验收不影响已有数据的填报")),
    Event(date(2022, 5, 31), "extension granted: 地区住房城乡建设局 I28",
          do.decide("zhujianju", "I28", grant=True)),
    Event(date(2022, 5, 31), "phase 2 tried",
          gates.close(2)),
    Event(date(2022, 6, 6), "step done: I26 of 地区住房城乡建设局",
          do.step_done("zhujianju", "I26", 2)),
    Event(date(2022, 6, 16), "evidence brought: data of 2021 for I28 of 地区住房城乡建设局",
          gates.bring("zhujianju", "I28")),
    Event(date(2022, 6, 20), "waived: I28, a reference indicator",
          gates.waive("I28", "参考性指标\uff0c秋季竣工后达标")),
    Event(date(2022, 6, 23), "passed conditionally",
          gates.pass_over(2, date(2022, 8, 31),
                          "组织部、林草局、住建局、交通运输局已承诺限期补齐\uff0c图册在印")),
    Event(date(2022, 6, 24), "phase 2 closed",
          gates.close(2, conditional=True)),
    Event(date(2022, 6, 29), "finding of the province: R001 of 地区生态环境局",
          gates.find("M3.1", "shengtaiju", "补充水源地监测原始记录", date(2022, 7, 20), "省级专家组", "I23")),
    Event(date(2022, 6, 29), "finding of the province: R002 of 地区林草局",
          gates.find("M3.1", "lincaoju", "补充林草覆盖率计算口径", date(2022, 7, 20), "省级专家组", "I10")),
    Event(date(2022, 7, 5), "veto item declared: V4 of 地区生态环境局",
          gates.declare("shengtaiju", "V4", "一件信访案件逾期未办结")),
    Event(date(2022, 7, 6), "veto item confirmed: V4 of 地区生态环境局",
          gates.confirm("shengtaiju", "V4", "经查属实\uff0c责令限期办结")),
    Event(date(2022, 7, 8), "dates and targets agreed on",
          do.agree(PROMPT, LATE, SILENT)),
    Event(date(2022, 7, 25), "closed out: M3.1",
          gates.close_out("M3.1")),
    Event(date(2022, 7, 29), "veto item cleared by a leader: V4 of 地区生态环境局",
          gates.lift("shengtaiju", "V4", "信访案件办结报告")),
    Event(date(2022, 8, 8), "finding of the ministry: R003 of 地区自然资源局",
          gates.find("M3.3", "ziranju", "更新生态保护红线图件", date(2022, 8, 24), "生态环境部", "I15")),
    Event(date(2022, 8, 12), "evidence of M3.2: the platform's receipt",
          gates.prove("M3.2")),
    Event(date(2022, 8, 12), "evidence of M2.3: the album",
          gates.prove("M2.3")),
    Event(date(2022, 8, 22), "closed out: M2.2, M2.3",
          gates.close_out("M2.2", "M2.3")),
    Event(date(2022, 8, 22), "closed out: M3.3",
          gates.close_out("M3.3")),
    Event(date(2022, 8, 26), "closed out: M2.1",
          gates.close_out("M2.1")),
    Event(date(2022, 8, 31), "closed out: M3.4",
          gates.close_out("M3.4")),
    Event(date(2022, 8, 31), "phase 3 closed",
          gates.close(3)),
    Event(date(2022, 9, 16), "funds: I26 of 地区住房城乡建设局, 1150 spent",
          facts.fund("zhujianju", "I26", spent="1150")),
    Event(date(2022, 9, 21), "information offered: 地区自然资源局",
          do.offer("ziranju", "生态保护红线勘界完成")),
    Event(date(2022, 10, 20), "fallen: I24 of 地区住房城乡建设局, 93.6% in the third quarter",
          gates.new_value("zhujianju", "I24", "93.6", "2022-Q3")),
    Event(date(2022, 11, 18), "awarded",
          gates.award("命名公告")),
    Event(date(2022, 12, 16), "evidence of M4.3",
          gates.prove("M4.3")),
    Event(date(2022, 12, 29), "phase 4 closed",
          gates.close(4)),
)  # fmt: skip
