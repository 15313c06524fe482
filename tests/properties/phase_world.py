"""An office in the middle of its phases, where anybody may try anything at any moment.

Nothing is foreseen here: an act is done or refused in words. What must hold after either is in `Rules`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlmodel import col, select

from eco_workflow.domain.errors import Refused, WrongInput
from eco_workflow.domain.messages import Outcome, Result
from eco_workflow.domain.viewer import Viewer
from eco_workflow.services import assign_task, findings, phase_work, rhythms
from eco_workflow.services.evidence_shown import Verified, verify
from eco_workflow.services.find import plan_named
from eco_workflow.services.gaps import gaps
from eco_workflow.services.phases_shown import story
from eco_workflow.store.audit import broken_at
from eco_workflow.store.tables import Round
from tests.office import Office, at
from tests.properties.phase_books import Seen, is_on_or_after, see
from tests.reliability.sweep import run

Assigns = Callable[[Any], dict[str, tuple[str, frozenset[str], str]]]
"""From what came of an act to what it assigned: item → title, units, milestone."""

EYES = Viewer("operator")
DONE = ("closed", "not_applicable")
STEPS_OF_A_VETO = {
    "pending": {"confirmed", "error", "recalled"},
    "confirmed": {"cleared"},
    "error": set[str](),
    "cleared": set[str](),
    "recalled": set[str](),
}


@dataclass
class PhaseWorld:
    """The office, its wall's time, and what is known of it from what was done."""

    office: Office
    now: datetime
    seen: Seen = field(init=False)
    assigned: dict[str, tuple[str, frozenset[str], str]] = field(default_factory=dict)
    """Item → title, units, milestone; as they were assigned."""
    done: list[str] = field(default_factory=list)
    """What was done or refused, in order."""
    acts: int = 0
    """How many were not refused."""

    def __post_init__(self) -> None:
        self.seen = see(self.office.database)

    @property
    def today(self) -> date:
        return date.fromisoformat(self.day)

    @property
    def day(self) -> str:
        return self.now.astimezone(at("2022-03-01").tzinfo).date().isoformat()

    @property
    def moment(self) -> dict[str, Any]:
        return {"now": self.now}

    def try_(self, name: str, act: Callable[[], object], new: Assigns | None = None) -> None:
        """Somebody tries an act, which assigns what `new` says where it is done."""
        self.now += timedelta(minutes=3)
        before = self.seen
        try:
            made = act()
        except (Refused, WrongInput) as error:
            self.done.append(f"{self.now} {name}: refused, {str(error).splitlines()[0]}")
            self.seen = see(self.office.database)
            self.hold(self.seen == before, "what was refused left a trace")
            return
        self.done.append(f"{self.now} {name}: {made}")
        self.acts += 1
        self.seen = see(self.office.database)
        if new is not None:
            self.assigned |= new(made)
        self.check(before)

    def morning(self, days: int) -> None:
        """A later morning, as the timetable has it; everything that leaves arrives."""
        first = self.today + timedelta(days=days)
        while not self.office.days.is_working(first):
            first += timedelta(days=1)
        self.now = max(self.now, at(first.isoformat(), "08:40"))
        before = self.seen
        for key in phase_work.keys_in_force(self.office.database, self.now):
            phase_work.work(self.office.database, self.now, key)
        opened = rhythms.open_all(self.office.database, self.now, self.office.days, actor="schedule")
        self.hold(not opened.broken, f"a morning broke: {opened.broken}")
        self.now = max(self.now, at(first.isoformat()))
        run(self.office.database, self.now, lambda *_: Outcome(Result.ACCEPTED, "250 taken"))
        self.done.append(f"{self.now} a morning")
        self.seen = see(self.office.database)
        self.check(before)

    def rounds(self) -> list[date]:
        """The regular rounds until today."""
        with self.office.database.read() as session:
            rows = select(col(Round.on_date)).where(Round.kind == "regular", Round.on_date <= self.today)
            return list(session.exec(rows.order_by(col(Round.on_date))))

    def hold(self, holds: bool, words: str) -> None:
        """Raises AssertionError with the whole story."""
        assert holds, "\n".join([*self.done, words])

    def check(self, before: Seen) -> None:
        """What holds between two moments."""
        seen = self.seen
        self._phases(before, seen)
        for number, was in before.vetoes.items():
            now = seen.vetoes[number]
            self.hold(now == was or now in STEPS_OF_A_VETO[was], f"veto {number} went from {was} to {now}")
            if (was, now) == ("pending", "recalled"):
                own = seen.last_said == ("recall", "liaison of huanbao")
                self.hold(own and number not in before.escalated, f"veto {number} was got rid of")
        for code, was in before.turns.items():
            self.hold(seen.turns[code] == was or was == "open", f"{code} was {was}, is {seen.turns[code]}")
        found: dict[str, tuple[str, frozenset[str], str]] = {}
        for owed in seen.owing:
            units = found.get(owed.item, ("", frozenset[str](), ""))[1] | {owed.unit}
            found[owed.item] = owed.title, units, owed.milestone
        self.hold(found == self.assigned, f"assigned is {found}, was {self.assigned}")
        was_done = {(owed.item, owed.unit) for owed in before.owing if owed.state in DONE}
        is_done = {(owed.item, owed.unit) for owed in seen.owing if owed.state in DONE}
        self.hold(was_done <= is_done, "what was closed out is open again")
        for code, state in seen.milestones.items():
            if state == "closed" and before.milestones[code] != "closed":
                missing = self.missing_at(code, before)
                self.hold(not missing, f"{code} was closed out over {missing}")
        self._gaps(seen)

    def _phases(self, before: Seen, seen: Seen) -> None:
        order = ("before", "planned", "open", "closed")
        for number, row in seen.phases.items():
            was = before.phases[number]
            self.hold(order.index(row["state"]) >= order.index(was["state"]), f"phase {number} went back")
            if was["state"] in ("open", "closed"):
                self.hold(row["opened_on"] == was["opened_on"], f"phase {number} opened twice")
            if was["state"] == "closed":
                self.hold(row == was, f"phase {number} was closed, and changed")
        states = [row["state"] for _, row in sorted(seen.phases.items())]
        self.hold(states.count("open") <= 1, "two phases are open")
        for one, other in pairwise(states):
            self.hold(one == "closed" or other == "planned", f"out of order: {states}")
        closed = [one["phase"] for one in seen.closings]
        opened = [one["opened"] for one in seen.closings if one["opened"]]
        self.hold(len({*closed}) == len(closed) and len({*opened}) == len(opened), "twice in the log")
        self.hold(len(closed) == states.count("closed"), "a closing without its row in the log")
        for one in seen.closings[len(before.closings) :]:
            self._closing(one["phase"], before, seen)

    def _closing(self, number: int, before: Seen, seen: Seen) -> None:
        """Nothing was missing, or a leader had passed over all of it; and never over a veto item."""
        self.hold(not before.standing, f"phase {number} closed over veto items {before.standing}")
        missing = self.missing(number, before)
        by = seen.phases[number]["conditional"]
        if by is None:
            self.hold(not missing, f"phase {number} closed over {missing}")
            return
        passed = before.passes[number, by]
        covered = {_without_unit(key) for key in json.loads(passed["lacking"])}
        self.hold(missing <= covered, f"phase {number} closed over {missing - covered}, which nobody passed")
        self.hold(bool(passed["leader"] and passed["reason"]), "a pass of nobody")
        self.hold(is_on_or_after(passed["until"], self.today), "a pass that had run out")

    def missing(self, number: int, seen: Seen) -> set[str]:
        """What of a phase is missing that these books can tell, by the keys of its reasons."""
        codes = [code for code in seen.milestones if code.startswith(f"M{number}.")]
        return {key for code in codes for key in self.missing_at(code, seen)}

    def missing_at(self, milestone: str, seen: Seen) -> set[str]:
        """The same of a milestone."""
        found = {f"finding:{item}" for item in seen.open_findings(milestone)}
        gap = {item: requirement for item, requirement, *_ in seen.gaps}
        if milestone == "M1.1" and "M1.1" in gap:
            found |= {f"evidence:M1.1/{gap['M1.1']}"}
        if milestone == "M2.2":
            found |= {f"date:{code}" for code in seen.unagreed}
            found |= {f"figure:{code}" for code in seen.unset}
            found |= {f"indicator:{code}" for code in seen.unmet}
            found |= {f"gap:I01/{gap['I01']}/2021"} if "I01" in gap else set()
        return found

    def _gaps(self, seen: Seen) -> None:
        with self.office.database.read() as session:
            found = {
                (gap.item, gap.requirement, gap.year or 0, gap.why)
                for gap in gaps(session, plan_named(session, None))
            }
        self.hold(found == seen.gaps, f"the gap list says {found}, the store {seen.gaps}")

    def look(self) -> None:
        """The lists and the gate say what the rows say; every file is there; the log is whole."""
        seen = self.seen
        with self.office.database.read() as session:
            phases = story(session, None, plan=None, now=self.now)["phases"]
            listed = findings.findings(session, EYES, plan=None, now=self.now)
            listed += assign_task.tasks(session, EYES, plan=None, now=self.now)
            self.hold(broken_at(session, 1) is None, "the audit chain is broken")
        self.hold({row["item"] for row in listed} == set(self.assigned), f"listed are {listed}")
        self.hold(len(listed) == len(seen.owing), f"listed are {listed}")
        for phase in phases:
            if phase["state"] == "open":
                lacking = {f"{one['kind']}:{one['about']}" for one in phase["lacking"]}
                self._gate(phase["phase"], lacking)
            elif phase["state"] == "closed":
                self._passed_over(phase["phase"], phase["lacking"])
        kept = {file.digest for file in seen.files if file.state != "quarantined"} | seen.papers
        found = verify(self.office.database, self.office.settings)
        self.hold(found == Verified(len(kept), (), (), 0), f"the store is {found}, kept are {kept}")

    def _gate(self, number: int, lacking: set[str]) -> None:
        """The open phase names everything that these books know to be missing, and nothing of it besides."""
        kinds = ("indicator", "gap", "finding", "evidence", "date", "figure")
        named = {_without_unit(key) for key in lacking if key.partition(":")[0] in kinds}
        missing = self.missing(number, self.seen)
        self.hold(named == missing, f"the gate of phase {number} names {named}, missing is {missing}")
        says_veto = any(key[:5] == "veto:" for key in lacking)
        self.hold(
            says_veto == bool(self.seen.standing),
            f"veto items {self.seen.standing}, the gate of phase {number} names {lacking}",
        )

    def _passed_over(self, number: int, lacking: list[dict[str, Any]]) -> None:
        """The closed phase names every finding at its milestones that somebody owes still."""
        named = {one["about"].partition("/")[0] for one in lacking if one["kind"] == "finding"}
        codes = [code for code in self.seen.milestones if code.startswith(f"M{number}.")]
        left = {item for code in codes for item in self.seen.open_findings(code)}
        self.hold(named == left, f"of phase {number} are named {named}, left is {left}")


def _without_unit(key: str) -> str:
    """A finding by its item, whichever units owe it still."""
    return key.rpartition("/")[0] if key.startswith("finding:") else key
