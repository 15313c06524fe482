"""Tasks, inspections and findings at the command line."""

from tests.cli.terminal import NEXT_DAY, Terminal, assert_refused

AT = ("--now", NEXT_DAY)
LATER = ("--now", "2022-03-16T10:00:00+08:00")


def test_what_is_assigned_is_listed_reported_and_closed(eco: Terminal) -> None:
    due = ("--due", "2022-04-15")
    said = eco("task", "assign", "水务局，财政局", "清理河道", *due, "--from", "王专员", *AT)
    assert said.out == "T001 assigned to 地区水务局、地区财政局, due on 2022-04-15: 清理河道\n"
    demand = ("--finding", "水务局：疏浚：2022-04-20", "--finding", "财政局: 补票: 2022-04-20")
    done = eco(
        "inspection", "record", "河湖", "--team", "督查组", "--on", "2022-03-14", *demand, *AT, "--json"
    )
    assert [task["item"] for task in done.json["tasks"]] == ["T002", "T003"]
    rows = eco("task", "list", "--json", *AT).json
    assert [(row["item"], row["unit"], row["kind"], row["late"]) for row in rows] == [
        ("T001", "地区财政局", "instruction", False),
        ("T001", "地区水务局", "instruction", False),
        ("T002", "地区水务局", "inspection", False),
        ("T003", "地区财政局", "inspection", False),
    ]
    assert "instruction: 王专员" in eco("task", "list", *AT).out
    assert "T002 地区水务局 not_started" in eco("inspection", "list", *AT).out

    about = ("--by", "省评审组", "--about", "I04")
    assert eco("finding", "add", "M3.1", "水务局", "补齐台账", *due, *about, *AT).out.startswith(
        "R001 assigned"
    )
    close = ("finding", "close", "R001", "--note", "已核实", *LATER)
    assert_refused(eco(*close), 1, "R001 cannot be closed out: no unit has reported on it yet.")
    assert eco("report", "submit", "水务局", "r001", "--status", "completed", *AT).code == 0
    assert eco(*close).out == "R001: closed.\n"
    [row] = eco("finding", "list", "M3.1", "--json", *LATER).json
    assert (row["state"], row["closed"], row["about"], row["origin"]) == ("closed", True, "I04", "省评审组")
    assert eco("finding", "list", "M3.3", "--json", *LATER).json == []
    assert (
        "R001 补齐台账 (rectification, 评审反馈（M3.1，涉及I04）：省评审组)"
        in eco("item", "show", "R001").out
    )
    assert_refused(eco("finding", "list", "M9.9", *LATER), 2, "no item 'M9.9'")
    wrong = ("inspection", "record", "x", "--team", "y", "--on", "2022-03-14", "--finding", "水务局", *AT)
    assert_refused(eco(*wrong), 2, "--finding '水务局' demands nothing. Write it as \"UNIT:")
