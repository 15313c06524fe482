"""What the rows say of phases, veto items, evidence and assigned work, read without the product's services.

Plain SQL and a second set of rules, so that what the product says of them can be held against it.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from eco_workflow.store.session import Database

REFERENCE_YEAR = 2021
"""Of the county: the year before the plan's last one; data of it or newer prove an indicator."""

PROVEN_BY = {("M1.1", "E1", 0), ("I01", "E1", REFERENCE_YEAR)}
"""What the county's document wants proven: item, requirement, year (0: of any year)."""

WANTED = {"I01": {"I01": 90}, "I02": {"I02.1": 80, "I02.2": 399}}
"""The binding indicators: the limit of each part, where the figures of these histories are never near it."""
LOWER_IS_BETTER = {"I02.2"}


@dataclass(frozen=True)
class File:
    """A row of evidence."""

    number: int
    item: str
    requirement: str
    year: int
    state: str
    digest: str


@dataclass(frozen=True)
class Owing:
    """A unit and what was assigned to it."""

    item: str
    unit: str
    state: str
    title: str
    milestone: str


@dataclass(frozen=True)
class Seen:
    """Everything at one moment."""

    phases: dict[int, dict[str, Any]]
    vetoes: dict[int, str]
    escalated: frozenset[int]
    """Those of which the supervision office heard that they are undecided."""
    last_said: tuple[str, str]
    """The newest act on an answer, and who did it."""
    files: tuple[File, ...]
    owing: tuple[Owing, ...]
    unmet: frozenset[str]
    """Binding indicators."""
    passes: dict[tuple[int, int], dict[str, Any]]
    closings: tuple[dict[str, Any], ...]
    """What the audit log says of phases that were closed, in order."""
    turns: dict[str, str]
    """What recurs for the office: code → state."""
    milestones: dict[str, str]
    """Code → where it stands for its owner."""
    applies: frozenset[str]
    """Items that are owed by somebody to whom they are applicable."""
    acts: int
    """Rows of the audit log."""
    unagreed: frozenset[str] = frozenset()
    """Indicators for which a lead unit has no confirmed date and target figure."""
    unset: frozenset[str] = frozenset()
    """Indicators of which somebody owes figures, and of which what others set is not recorded."""
    papers: frozenset[str] = frozenset()
    """Digests of surveys' files that are not in quarantine."""

    @property
    def standing(self) -> list[int]:
        """Veto items that are pending or confirmed."""
        return [number for number, state in self.vetoes.items() if state in ("pending", "confirmed")]

    @property
    def gaps(self) -> set[tuple[str, str, int, str]]:
        """Item, requirement, year, and why nothing proves it."""
        found = set()
        for item, requirement, year in PROVEN_BY:
            if item not in self.applies:
                continue
            files = [file for file in self.files if (file.item, file.requirement) == (item, requirement)]
            states = {file.state for file in files if file.year >= year}
            older = any(file.year < year and file.state != "quarantined" for file in files)
            if "accepted" not in states:
                otherwise = "other_year" if older else "none"
                why = "pending" if "pending" in states else "returned" if "returned" in states else otherwise
                found.add((item, requirement, year, why))
        return found

    def open_findings(self, milestone: str) -> set[str]:
        """Rectifications found at a milestone that somebody owes still."""
        return {
            owed.item
            for owed in self.owing
            if owed.milestone == milestone and owed.state not in ("closed", "not_applicable")
        }


def see(database: Database) -> Seen:
    """The rows as they are now."""
    with database.read() as session:
        connection = session.connection()

        def rows(query: str) -> list[dict[str, Any]]:
            return [dict(row) for row in connection.execute(text(query)).mappings()]

        return Seen(
            phases={row["phase"]: row for row in rows("SELECT * FROM phase")},
            vetoes={row["id"]: row["state"] for row in rows("SELECT id, state FROM veto_event")},
            escalated=frozenset(
                row["id"] for row in rows("SELECT id FROM veto_event WHERE escalated_on IS NOT NULL")
            ),
            last_said=next(
                (
                    (row["action"], row["actor"])
                    for row in rows("SELECT action, actor FROM report ORDER BY id DESC LIMIT 1")
                ),
                ("", ""),
            ),
            files=tuple(
                File(**row)
                for row in rows("""
                    SELECT e.id AS number, i.code AS item, e.requirement, e.data_year AS year, e.state,
                           e.digest
                    FROM evidence e JOIN item i ON i.id = e.item_id ORDER BY e.id""")
            ),
            owing=tuple(
                Owing(**row)
                for row in rows("""
                    SELECT i.code AS item, u.code AS unit, o.state, t.title, coalesce(m.code, '') AS milestone
                    FROM assignment a JOIN item i ON i.id = a.item_id
                    JOIN obligation o ON o.item_id = i.id JOIN unit u ON u.id = o.unit_id
                    JOIN plan p ON p.id = a.plan_id
                    JOIN item_text t ON t.item_id = i.id AND t.version = p.version
                    LEFT JOIN item m ON m.id = a.milestone_id ORDER BY i.code, u.code""")
            ),
            unmet=frozenset(_unmet(rows)),
            passes={(row["phase"], row["n"]): row for row in rows("SELECT * FROM conditional_pass")},
            closings=tuple(
                json.loads(row["detail"])
                for row in rows("SELECT detail FROM audit WHERE action = 'close_phase' ORDER BY n")
            ),
            turns={row["code"]: row["state"] for row in rows("SELECT code, state FROM occurrence")},
            milestones={
                row["code"]: row["state"]
                for row in rows("""
                    SELECT i.code, o.state FROM item i JOIN obligation o ON o.item_id = i.id
                    WHERE i.kind = 'milestone'""")
            },
            applies=frozenset(
                row["code"]
                for row in rows("""
                    SELECT i.code FROM item i JOIN obligation o ON o.item_id = i.id
                    WHERE o.state <> 'not_applicable'""")
            ),
            unagreed=frozenset(
                row["code"]
                for row in rows("""
                    SELECT i.code FROM item i JOIN obligation o ON o.item_id = i.id
                    WHERE i.kind = 'indicator' AND o.role = 'lead' AND o.state <> 'not_applicable'
                      AND NOT EXISTS (SELECT 1 FROM proposal p WHERE p.item_id = o.item_id
                                      AND p.unit_id = o.unit_id AND p.confirmed_at IS NOT NULL)""")
            ),
            unset=frozenset(
                row["code"]
                for row in rows("""
                    SELECT i.code FROM item i
                    WHERE (i.code = 'I01' AND NOT EXISTS (SELECT 1 FROM assigned_figure WHERE code = 'I01')
                        OR i.code = 'I02' AND NOT EXISTS (SELECT 1 FROM base_figure WHERE code = 'I02.2'))
                      AND EXISTS (SELECT 1 FROM obligation o WHERE o.item_id = i.id
                                  AND o.role IN ('lead', 'data_provider') AND o.state <> 'not_applicable')""")
            ),
            papers=frozenset(
                row["digest"] for row in rows("SELECT digest FROM survey_file WHERE quarantined_on IS NULL")
            ),
            acts=rows("SELECT count(*) AS acts FROM audit")[0]["acts"],
        )


def _unmet(rows: Any) -> set[str]:
    """Binding indicators without a figure that stands, or with one on the wrong side of its limit.

    What a unit said to which the indicator is not applicable does not count.
    """
    said: dict[tuple[str, int], list[int]] = {}
    for row in rows("""
        SELECT r.id, r.round_id, r.action, i.code FROM report r JOIN item i ON i.id = r.item_id
        JOIN obligation o ON o.item_id = r.item_id AND o.unit_id = r.unit_id
        WHERE i.kind = 'indicator' AND o.state <> 'not_applicable' ORDER BY r.id"""):
        standing = said.setdefault((row["code"], row["round_id"]), [])
        if row["action"] == "submit":
            standing.append(row["id"])
        elif row["action"] in ("recall", "return") and standing:
            standing.pop()
    figures: dict[int, dict[str, float]] = {}
    for row in rows("SELECT report_id, code, value FROM figure WHERE kind = 'number'"):
        figures.setdefault(row["report_id"], {})[row["code"]] = float(row["value"])
    facts = {row["code"] for row in rows("SELECT code FROM assigned_figure")}
    facts |= {row["code"] for row in rows("SELECT code FROM base_figure")}
    unmet = set()
    for code, limits in WANTED.items():
        known: dict[str, float] = {}
        for (item, _round), reports in sorted(said.items(), key=lambda one: one[0][1]):
            for report in reports if item == code else ():
                known |= figures.get(report, {})
        for part, limit in limits.items():
            value, lower = known.get(part), part in LOWER_IS_BETTER
            is_met = value is not None and (value <= limit if lower else value >= limit)
            if not is_met or (part in ("I01", "I02.2") and part not in facts):
                unmet.add(code)
    return unmet


def is_on_or_after(one: object, other: object) -> bool:
    """Dates come as text from one database, as dates from the other."""
    return date.fromisoformat(str(one)) >= date.fromisoformat(str(other))
