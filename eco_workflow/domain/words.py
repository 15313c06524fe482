"""The office's Chinese words for the identifiers in the code (DOMAIN 1)."""

LEADING_GROUP = "领导小组"
"""To whom a supervision report goes, and who grants a further extension."""

ROLE = {"liaison": "联络员", "leader": "分管领导"}

OFFICE = "office"
"""The office's role on an indicator that waits for what it owes: it has no obligation there."""

ORIGIN = {
    "instruction": "领导批示",
    "resolution": "会议议定",
    "inspection": "督导检查",
    "finding": "评审反馈",
}
"""From what an assigned task or a rectification arose."""

STATUS = {"not_started": "未启动", "in_progress": "推进中", "completed": "已完成（待核）"}
"""What a unit may report of an item."""

OCCURRED = {True: "申报发生", False: "申报未发生"}
"""The declaration of a veto item."""

VETO_SETTLED = {"error": "申报有误，核实未发生", "cleared": "发生情形已解除"}
"""A declared veto item that holds nothing up any more, and why."""

PROGRESS = {True: "有进展", False: "无进展"}
"""The answer to a yes/no duty."""

STANDS = {
    "task": "未完成",
    "indicator": "已报完成，未确认达标",
    "evidence": "已报完成，缺佐证材料",
    "office": "未确认达标",
}
"""How an item stands whose clock has run out: a mail and a light say it in the same words."""

MEANS = {"mail": "邮件", "chat": "即时消息", "telephone": "电话", "letter": "信函"}

ROUND_STATE = {
    "planned": "未到",
    "open": "已开",
    "taken_up": "已并入新一轮",
    "skipped": "跳过（停机）",
    "backfill": "补录",
}

MESSAGE_STATE = {
    "pending": "待发",
    "sending": "发送中",
    "sent": "已发",
    "failed": "未发出",
    "unknown": "结果不明",
    "withdrawn": "已撤",
}

VERDICT = {"met": "达标", "unmet": "未达标", "undetermined": "未判定"}
"""Where an indicator stands against its target."""

LIGHT = {
    "green": ("●", "绿", "正常"),
    "yellow": ("▲", "黄", "临近或滞后"),
    "red": ("■", "红", "逾期或严重滞后"),
    "grey": ("○", "灰", "未到"),
}
"""Shape, colour and meaning of a light: whoever sees no colours reads the other two."""

MARK = "曾亮红灯"

REASON = {
    "closed": "已销号",
    "suspended": "已中止",
    "not_applicable": "不适用",
    "claimed": "已报完成，待核",
    "not_begun": "{month}月{day}日起",
    "not_started": "未启动，未到期限",
    "listed": "启用前已到期，待核定",
    "asked": "待填报，未到时限",
    "not_asked": "暂无应填报事项",
    "on_track": "正常推进",
    "overdue": "逾期{days}个工作日",
    "just_overdue": "已逾期",
    "past_due": "期限已过，尚未计逾期",
    "due_today": "今日到期",
    "due_now": "期限前已无工作日",
    "near": "距期限{days}个工作日",
    "behind": "落后序时进度{points}个百分点",
    "steps_wait": "（有步骤待核）",
    "repaired": "红灯消除未满{rounds}轮",
    "silent": "填报逾期",
    "answered_late": "补报未满{rounds}轮",
    "review": "待审核最长{days}个工作日",
    "unreleased": "调度汇总逾期{days}个工作日未审发",
    "rest": "，等{count}项",
    "nothing_open": "无未结事项",
    "nothing_due": "未到期限",
}
"""Why a light is what it is."""

RANKING_CLASS = {"delivery": "数据提供", "unranked": "不排名"}
"""The lists besides the plan's own classes."""

SHARE = {
    "task": "应完成{due}项，逾期{late}项",
    "answer": "应填报{due}项，未按时填报{late}项",
    "delivery": "应报送{due}项，按时报送{on_time}项",
}
"""A share is never shown without its two numbers."""
