"""The office's Chinese words for the identifiers in the code (DOMAIN 1)."""

ROLE = {"liaison": "联络员", "leader": "分管领导"}

STATUS = {"not_started": "未启动", "in_progress": "推进中", "completed": "已完成（待核）"}
"""What a unit may report of an item."""

MEANS = {"mail": "邮件"}

WHO_HEARS = {1: "联络员", 2: "分管领导", 3: "督查室"}
"""Who hears of a rung of the report clock by default."""

ROUND_STATE = {"planned": "未到", "open": "已开", "skipped": "跳过（停机）", "backfill": "补录"}

MESSAGE_STATE = {
    "pending": "待发",
    "sending": "发送中",
    "sent": "已发",
    "failed": "未发出",
    "unknown": "结果不明",
    "withdrawn": "已撤",
}
