"""Steps, lights and the ranking at the command line."""

from tests.cli.terminal import NEXT_DAY, Terminal

AT = ("--now", NEXT_DAY)
THURSDAY = ("--now", "2022-03-17T10:00:00+08:00")
JUNE = ("--now", "2022-06-01T10:00:00+08:00")
OFFICE, MONEY = "联络员·创建办", "联络员·财政局"
MAY = ("--now", "2022-05-04T10:00:00+08:00")


def test_a_step_from_its_setting_to_its_confirmation(eco: Terminal) -> None:
    """Printed in words and as JSON; who acted is in the audit log."""
    first = eco("step", "add", "I33", "审核支出", "--weight", "3", "--due", "2022-04-01", *AT, "--as", OFFICE)
    assert first.out == "I33 step 1: added, weight 3 of 3.\n"
    assert eco("step", "add", "I33", "公开决算", "--weight", "1", *AT, "--json").json == {
        "item": "I33",
        "n": 2,
        "title": "公开决算",
        "weight": 1,
        "of": 4,
        "due_on": None,
        "done_on": None,
        "confirmed_on": None,
        "confirmed_by": "",
    }
    assert eco("step", "done", "i33", "1", *AT, "--as", MONEY).out == "I33 step 1: reported done.\n"
    assert eco("step", "confirm", "I33", "1", *AT, "--as", OFFICE).out == "I33 step 1: confirmed.\n"
    (row, _) = eco("step", "list", "I33", "--json").json
    assert (row["done_on"], row["confirmed_on"], row["confirmed_by"]) == ("2022-03-15", "2022-03-15", OFFICE)
    assert "审核支出" in eco("step", "list", "I33").out
    acts = eco.sql("SELECT action, actor FROM audit WHERE action LIKE 'step_%' ORDER BY n")
    assert [acts[0], *acts[2:]] == [("step_add", OFFICE), ("step_done", MONEY), ("step_confirm", OFFICE)]


def test_lights_are_listed_worst_first_with_their_reasons(eco: Terminal) -> None:
    """32 units owe something: 22 were asked, one of them answered; ten only have duties, for a 28th."""
    for unit, item in (("caizhengju", "I33"),):
        assert eco("report", "submit", unit, item, "--status", "in_progress", *AT).code == 0
    rows = eco("light", *THURSDAY, "--json").json
    assert [row["light"] for row in rows] == ["red"] * 21 + ["green"] + ["grey"] * 10
    assert (rows[21]["unit"], rows[21]["reason"]) == ("地区财政局", "正常推进")
    assert {row["reason"] for row in rows[22:]} == {"暂无应填报事项"}
    printed = eco("light", *THURSDAY).out
    assert "■ 红" in printed
    assert "● 绿" in printed
    assert "○ 灰" in printed
    assert printed.index("填报逾期") < printed.index("正常推进") < printed.index("暂无应填报事项")


def test_the_light_of_one_unit_shows_its_items(eco: Terminal) -> None:
    """By any spelling of its name."""
    eco("step", "add", "I04", "分步", "--weight", "1", *AT)
    printed = eco("light", "水务局", *MAY, COLUMNS="200").out
    assert "I16" in printed
    assert "I33" not in printed
    (row,) = eco("light", "水务局", *MAY, "--json").json
    (river,) = [item for item in row["items"] if item["item"] == "I04"]
    assert (river["light"], river["reason"], river["behind"]) == ("red", "落后序时进度70.4个百分点", "70.4")
    (only,) = eco("light", "--behind", *MAY, "--json").json
    assert [item["item"] for item in only["items"]] == ["I04"]


def test_the_ranking_prints_both_numbers_of_every_share(eco: Terminal) -> None:
    """Class by class; units that are not ranked come last, without a place."""
    classes = {one["class"]: one for one in eco("ranking", *JUNE, "--as", "联络员·地委督查室", "--json").json}
    assert list(classes) == ["five_or_more", "one_to_four", "duties_only", "delivery", "unranked"]
    assert classes["five_or_more"]["name"] == "5项及以上"
    assert classes["five_or_more"]["units"][0] == {
        "unit": "地区生态环境局",
        "basis": "task",
        "due": 14,
        "late": 14,
        "place": 1,
        "text": "应完成14项，逾期14项",
    }
    duties = classes["duties_only"]["units"]
    assert len(duties) == 8
    assert {(one["text"], one["place"]) for one in duties} == {
        ("应填报0项，未按时填报0项", None)
    }  # nobody has asked about duties yet
    printed = eco("ranking", *JUNE, "--as", "联络员·地委督查室").out
    assert "1至4项" in printed
    assert "应报送3项，按时报送0项" in printed
    assert "不排名" in printed
    assert "仅有职责" in printed
