"""An operator starts phases and transitions from Prefect: the same acts as the commands, and every reason."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from eco_workflow.log import keep_log
from eco_workflow.plans.load import read
from eco_workflow.services import hold
from eco_workflow.services.load_plan import activate
from flows.phases import PHASES
from tests.cli.terminal import Terminal
from tests.county import COUNTY
from tests.flows.phase_room import Room
from tests.flows.server import Server
from tests.office import OPERATOR, Office, at
from tests.phase_office import county, look, pass_over, prove, states

pytestmark = pytest.mark.xdist_group("prefect")

MARCH_1, MARCH_2, MARCH_3 = (f"2022-03-0{day}T08:40:00+08:00" for day in (1, 2, 3))
OPERATOR_KNOWN = "专班联络员"
"""The office's liaison: an operator by the books."""


@pytest.fixture(scope="module")
def deployed(server: Server) -> Server:
    Room(server, Path()).register()
    return server


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_in(tmp_path)


def office_in(folder: Path, *pieces: tuple[str, str]) -> Office:
    """The county of the phases, where the flows of an ECO_HOME find it."""
    return county(f"sqlite:///{folder / 'home' / 'eco.db'}", folder, *pieces)


@pytest.fixture
def room(deployed: Server, office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setenv("ECO_HOME", str(office.home))
    yield Room(deployed, office.home)
    keep_log(None)


def twin(office: Office) -> Terminal:
    """A copy of the installation, and a terminal at it."""
    office.database.dispose()
    shutil.copytree(office.home, office.home.parent / "twin")
    return Terminal(office.home.parent / "twin")


def test_started_by_rest_and_by_command_line_the_books_are_those_of_the_commands(
    room: Room, office: Office
) -> None:
    """The morning's flow here; the transition all the way: `prefect deployment run`, a runner, a process."""
    here, by_hand = Terminal(office.home), twin(office)
    [morning] = room.look_in(room.start("phase", now=MARCH_1))
    assert (morning.name, morning.state) == ("phase 2022-03-01", "Waiting")
    assert morning.message == "launch: Waiting"
    assert by_hand("phase", "run", "--now", MARCH_1).code == 0
    assert by_hand.picture() == here.picture()
    office.run("2022-03-01")
    prove(office, "M1.1", "E1", "2022-03-02", None, OPERATOR)
    shutil.rmtree(by_hand.home)
    by_hand = twin(office)
    with room.runner():
        closed = room.ended(room.type_in("transition", phase="1", operator=OPERATOR_KNOWN, now=MARCH_3))
    assert (closed.name, closed.state) == (f"close phase 1 by {OPERATOR_KNOWN}", "Closed")
    assert closed.message == "phase 1 动员 is closed; phase 2 is open"
    assert room.text(closed).splitlines()[2:] == ["- closed out with it: M1.1"]
    assert by_hand("phase", "close", "1", "--as", OPERATOR_KNOWN, "--now", MARCH_3).code == 0
    assert by_hand.picture() == here.picture()


def test_each_phase_shows_its_milestones_as_tasks_and_every_reason_in_an_artifact(
    room: Room, office: Office
) -> None:
    """The open one is kept open by what `eco phase show` names; the others are looked at."""
    before = Terminal(office.home)("phase", "show", "--now", MARCH_1, "--json").json["phases"]
    office.database.dispose()
    launch, implementation, assessment, consolidation, elsewhere = room.look_in(
        *(room.start(key, now=MARCH_1) for key in PHASES),
        room.start("launch", plan="qingxi", now=MARCH_1),
    )
    reasons = [reason["said"] for reason in before[0]["lacking"]]
    assert (launch.name, launch.state) == ("launch 2022-03-01", "Waiting")
    assert launch.message == f"{len(reasons)} reasons keep it open"
    assert room.milestones(launch, 1) == {"qingxi-2022 M1.1": ("Waiting", "; ".join(reasons))}
    shown = room.text(launch)
    assert "# qingxi-2022, phase 1 动员: open" in shown
    assert "- **M1.1 召开动员会: Waiting**, due 2022-04-15" in shown
    assert [said for said in reasons if f"    - {said}\n" not in shown] == []
    assert "- 3 task sheets written" in shown
    assert implementation.message == assessment.message == "in force in no plan (qingxi-2022: planned)"
    assert list(room.milestones(implementation, 2)) == ["qingxi-2022 M2.1", "qingxi-2022 M2.2"]
    assert room.milestones(assessment, 1)["qingxi-2022 M3.1"][0] == "External"
    assert consolidation.message == "no plan that runs has this phase"
    assert (elsewhere.state, elsewhere.message) == (
        "Refused", "There is no plan 'qingxi' here. Known: qingxi-2022.",
    )  # fmt: skip


def test_a_phase_that_is_closed_is_kept_open_by_nothing(room: Room, office: Office) -> None:
    """A leader passed over what it lacked: that is shown, and the phase of the morning is the next one."""
    look(office, "2022-03-01", "launch")
    office.run("2022-03-01")
    pass_over(office, 1, "2022-03-02", "2022-05-31")
    closing = room.start(
        "transition", phase=1, operator=OPERATOR_KNOWN, conditional=True, plan="qingxi-2022", now=MARCH_3
    )
    [closed] = room.look_in(closing)
    assert "- passed over: M1.1/E1 会议材料: nobody filed it" in room.text(closed)
    launch, morning = room.look_in(room.start("launch", now=MARCH_3), room.start("phase", now=MARCH_3))
    assert (launch.state, launch.message) == ("Closed", "in force in no plan (qingxi-2022: closed)")
    assert room.milestones(launch, 1)["qingxi-2022 M1.1"][0] == "Waiting"
    assert morning.message == "implementation: Waiting"
    assert [run.name for run in room.within(morning)] == ["implementation 2022-03-03"]


REFUSED: tuple[tuple[dict[str, object], tuple[str, ...], str], ...] = (
    ({"operator": "无名氏"}, ("--as", "无名氏"), "Nobody named '无名氏' acts in the plan qingxi-2022"),
    ({"operator": "水利联络员"}, ("--as", "水利联络员"), "closing a phase needs an operator"),
    ({}, (), "M1.1/E1 会议材料: nobody filed it"),
    ({"conditional": True}, ("--conditional",), "No leader has passed Phase 1"),
    ({"plan": "青溪_2022"}, ("--plan", "青溪_2022"), "There is no plan '青溪_2022' here"),
)
"""What an operator asks of the transition, the same of the command, and what both say."""


def test_a_transition_is_refused_in_the_words_of_the_command_and_changes_nothing(
    room: Room, office: Office
) -> None:
    here = Terminal(office.home)
    office.database.dispose()
    before = here.picture()
    known: dict[str, object] = {"phase": 1, "operator": OPERATOR_KNOWN, "now": MARCH_2}
    runs = room.look_in(*(room.start("transition", **known | asked) for asked, _, _ in REFUSED))
    for run, (_, words, part) in zip(runs, REFUSED, strict=True):
        by = () if "--as" in words else ("--as", OPERATOR_KNOWN)
        said = here("phase", "close", "1", *words, *by, "--now", MARCH_2)
        assert said.code != 0
        assert (run.type, run.state) == ("FAILED", "Refused")
        assert said.err.strip().endswith(run.message)
        assert part in run.message
        assert part in room.text(run)
    assert here.picture() == before


def test_of_two_who_close_a_phase_at_once_one_is_told_that_the_other_did(room: Room, office: Office) -> None:
    look(office, "2022-03-01", "launch")
    office.run("2022-03-01")
    prove(office, "M1.1", "E1", "2022-03-02", None, OPERATOR)
    office.database.dispose()
    asked = {"phase": 1, "operator": OPERATOR_KNOWN, "now": MARCH_3}
    runs = room.look_in(room.start("transition", **asked), room.start("transition", **asked))
    assert {run.state: run.message for run in runs} == {
        "Closed": "phase 1 动员 is closed; phase 2 is open",
        "Refused": f"Phase 1 动员 was closed on 2022-03-03 by {OPERATOR_KNOWN}.",
    }
    assert states(office, "2022-03-03") == [(1, "closed"), (2, "open"), (3, "planned")]


def test_while_the_plan_is_held_its_phase_is_looked_at_and_nothing_is_written(
    room: Room, office: Office
) -> None:
    hold.hold(office.database, "检修", now=at("2022-03-01", "08:20"), by=OPERATOR)
    office.database.dispose()
    here = Terminal(office.home)
    before = here.picture()
    said = here("phase", "run", "--now", MARCH_1)
    assert said.out == (
        "qingxi-2022, phase 1 动员: 4 reasons left; "
        "held since 2022-03-01: nothing is written (eco plan release)\n"
    )
    [morning] = room.look_in(room.start("phase", now=MARCH_1))
    assert (morning.state, morning.message) == ("Held", "launch: Held")
    [launch] = [run for run in room.within(morning) if run.name.startswith("launch")]
    assert launch.message == "4 reasons keep it open; qingxi-2022 is held since 2022-03-01"
    assert "The plan is held since 2022-03-01: nothing is written down or told." in room.text(launch)
    assert here.picture() == before


def test_a_broken_plan_is_named_and_keeps_no_other_from_its_day(
    deployed: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_in(tmp_path, ("id: qingxi-2022", "id: qingxi_2022"))
    second = COUNTY.read_text("utf-8").replace("id: qingxi-2022", "id: broken")
    (tmp_path / "second.yaml").write_text(second, "utf-8")
    activate(
        office.database,
        read(str(tmp_path / "second.yaml")),
        active_from=date(2022, 3, 1),
        now=at("2022-03-01", "08:00"),
        actor="operator",
    )
    office.database.dispose()
    here = Terminal(office.home)
    here.sql("UPDATE plan_version SET document = '{}', digest = '' WHERE plan_id = 2")
    monkeypatch.setenv("ECO_HOME", str(office.home))
    room = Room(deployed, office.home)
    [morning] = room.look_in(room.start("phase", now=MARCH_1))
    keep_log(None)
    assert morning.state == "Attention"
    [launch] = [run for run in room.within(morning) if run.name.startswith("launch")]
    assert launch.message.startswith("4 reasons keep it open; broken is broken: ValidationError")
    assert "# qingxi_2022, phase 1 动员: open" in room.text(launch)
    assert here.sql("SELECT count(*) FROM notice WHERE kind = 'task_sheet' AND role = 'liaison'") == [(3,)]
    said = here("phase", "run", "--now", MARCH_1)
    assert (said.code, said.out.count("qingxi_2022, phase 1 动员: ")) == (1, 1)
    assert "broken is broken: ValidationError" in said.err
