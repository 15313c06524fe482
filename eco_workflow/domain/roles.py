"""Who may do what (DOMAIN 9), and that the office does not judge its own host bureau (DOMAIN 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from eco_workflow.domain.errors import Refused

CONSOLE = "@console"
"""Ends the name under which the machine's user is booked where nobody is named; no person's name has an @."""


def as_read(name: str, office: str) -> str:
    """The acting person as a mail names it: as entered; the office where only the console's account acted."""
    return office if name.endswith(CONSOLE) else name


class Role(StrEnum):
    """As what a person acts. `liaison` and `unit_leader` are such of one unit and act for it alone."""

    OPERATOR = "operator"
    """Of the creation office (创建办)."""
    SUPERVISOR = "supervisor"
    """Of the supervision office (督查室)."""
    LEADER = "leader"
    """Of the leading group (领导小组)."""
    LIAISON = "liaison"
    UNIT_LEADER = "unit_leader"
    """The leader in charge (分管领导) of a unit, whom its contacts call `leader`."""
    AUDITOR = "auditor"
    """Reads the audit log."""
    ADMIN = "admin"
    """Keeps accounts and settings; sees no content."""


class Action(StrEnum):
    """What is done to the office's books."""

    ANSWER = "answer"
    RECALL = "recall"
    ASK_EXTENSION = "ask_extension"
    ACKNOWLEDGE = "acknowledge"
    RECORD_ON_BEHALF = "record_on_behalf"
    REVIEW = "review"
    CLOSE_OUT = "close_out"
    DECIDE_EXTENSION = "decide_extension"
    EXTEND_AGAIN = "extend_again"
    RELEASE_SUMMARY = "release_summary"
    SETTLE_MESSAGE = "settle_message"
    SETTLE_ITEM = "settle_item"
    RUN = "run"
    HOLD = "hold"
    ADHOC_ROUND = "adhoc_round"
    ASSIGN = "assign"
    """Assigning tasks and rectifications, recording inspections."""
    KEEP_RHYTHM = "keep_rhythm"
    """Opening, recording and issuing what recurs for the office itself."""
    TELL = "tell"
    REMIND = "remind"
    SUSPEND = "suspend"
    NOT_APPLICABLE = "not_applicable"
    SIGN_ORDER = "sign_order"
    SIGN_REPORT = "sign_report"
    SIGN_ACCOUNTABILITY = "sign_accountability"
    CLOSE_PHASE = "close_phase"
    PASS_CONDITIONALLY = "pass_conditionally"  # noqa: S105 (a gate, not a password)
    CLEAR_VETO = "clear_veto"
    ANNUL = "annul"
    QUARANTINE = "quarantine"
    """Removing content that must not be here (DOMAIN 10)."""
    MANAGE_CONTACTS = "manage_contacts"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_PLAN = "manage_plan"
    MANAGE_CALENDAR = "manage_calendar"
    READ_AUDIT = "read_audit"
    VERIFY_AUDIT = "verify_audit"
    """Whether the chains are whole: names rows and what was done to them, no content."""
    BACK_UP = "back_up"
    """Copying the books, restoring them, anchoring the audit chains."""
    LOOK = "look"
    """Seeing the plan's content; a unit's people see their own unit's."""


OF_A_UNIT = frozenset({Role.LIAISON, Role.UNIT_LEADER})
_OPERATOR = frozenset({Role.OPERATOR})
_SUPERVISOR = frozenset({Role.SUPERVISOR})
_LEADER = frozenset({Role.LEADER})
OF_EVERY_UNIT = _OPERATOR | _SUPERVISOR | _LEADER
"""Who sees every unit's content; an auditor and an admin see none."""

WHO: Mapping[Action, frozenset[Role]] = {
    Action.ANSWER: OF_A_UNIT,
    Action.RECALL: OF_A_UNIT,
    Action.ASK_EXTENSION: OF_A_UNIT,
    Action.ACKNOWLEDGE: OF_A_UNIT,
    Action.RECORD_ON_BEHALF: _OPERATOR,
    Action.REVIEW: _OPERATOR,
    Action.CLOSE_OUT: _OPERATOR,
    Action.DECIDE_EXTENSION: _OPERATOR,
    Action.EXTEND_AGAIN: _LEADER,
    Action.RELEASE_SUMMARY: _OPERATOR,
    Action.SETTLE_MESSAGE: _OPERATOR,
    Action.SETTLE_ITEM: _OPERATOR,
    Action.RUN: _OPERATOR,
    Action.HOLD: _OPERATOR,
    Action.ADHOC_ROUND: _OPERATOR,
    Action.ASSIGN: _OPERATOR | _SUPERVISOR,
    Action.KEEP_RHYTHM: _OPERATOR,
    Action.TELL: _OPERATOR,
    Action.REMIND: _OPERATOR,
    Action.SUSPEND: _OPERATOR | _SUPERVISOR,
    Action.NOT_APPLICABLE: _OPERATOR | _SUPERVISOR,
    Action.SIGN_ORDER: _SUPERVISOR,
    Action.SIGN_REPORT: _LEADER,
    Action.SIGN_ACCOUNTABILITY: _LEADER,
    Action.CLOSE_PHASE: _OPERATOR,
    Action.PASS_CONDITIONALLY: _LEADER,
    Action.CLEAR_VETO: _LEADER,
    Action.ANNUL: _OPERATOR | _SUPERVISOR | _LEADER,
    Action.QUARANTINE: _OPERATOR,
    Action.MANAGE_CONTACTS: _OPERATOR,
    Action.MANAGE_ACCOUNTS: frozenset({Role.ADMIN}),
    Action.MANAGE_PLAN: _OPERATOR,
    Action.MANAGE_CALENDAR: _OPERATOR,
    Action.READ_AUDIT: frozenset({Role.AUDITOR}),
    Action.VERIFY_AUDIT: frozenset({Role.AUDITOR, Role.ADMIN}) | _OPERATOR,
    Action.BACK_UP: frozenset({Role.ADMIN}) | _OPERATOR,
    Action.LOOK: OF_EVERY_UNIT | OF_A_UNIT,
}
"""The table of DOMAIN 9, an action to the roles any of which may do it.

Where that section is silent: what keeps the office's books (recording on behalf, the settling list,
contacts, ad-hoc rounds, the office's own rhythm, telling and reminding by hand, the plan itself, the
calendar) is an operator's; tasks and rectifications are assigned, and inspections recorded, by either office,
since both inspect; accounts are an admin's and nobody else's; the audit log is read by an auditor alone,
whether it is whole may be asked by who backs it up, too. A phase is closed by an operator; that it passes
with conditions is confirmed by a leader as an act of its own (DOMAIN 7).
"""

OF_HOST: Mapping[Action, frozenset[Role]] = {
    Action.REVIEW: _SUPERVISOR,
    Action.CLOSE_OUT: _SUPERVISOR,
    Action.DECIDE_EXTENSION: _SUPERVISOR,
    Action.SETTLE_ITEM: _SUPERVISOR,
    Action.SUSPEND: _SUPERVISOR,
    Action.NOT_APPLICABLE: _SUPERVISOR,
    Action.ANNUL: _SUPERVISOR | _LEADER,
    Action.QUARANTINE: _SUPERVISOR,
}
"""Who decides instead where the item is one of the host bureau (DOMAIN 4, last paragraph).

Settling closes an item out or gives it a later date, and "not applicable" goes further than a suspension:
they follow those. The office's own items are not the host's: an operator keeps them, and they climb the
ladder like anybody's.
"""

_BOTH = frozenset({Action.SUSPEND, Action.NOT_APPLICABLE})

_DOING: Mapping[Action, str] = {
    Action.ANSWER: "answering",
    Action.RECALL: "recalling an answer",
    Action.ASK_EXTENSION: "asking for an extension",
    Action.ACKNOWLEDGE: "acknowledging receipt",
    Action.RECORD_ON_BEHALF: "recording an answer on behalf of a unit",
    Action.REVIEW: "reviewing an answer",
    Action.CLOSE_OUT: "closing out an item",
    Action.DECIDE_EXTENSION: "deciding an extension",
    Action.EXTEND_AGAIN: "granting an extension beyond the first",
    Action.RELEASE_SUMMARY: "releasing a summary",
    Action.SETTLE_MESSAGE: "settling a message",
    Action.SETTLE_ITEM: "settling an item",
    Action.RUN: "running the plan",
    Action.HOLD: "holding the plan",
    Action.ADHOC_ROUND: "opening an ad-hoc round",
    Action.ASSIGN: "assigning a task",
    Action.KEEP_RHYTHM: "keeping the office's rhythm",
    Action.TELL: "recording that somebody was told",
    Action.REMIND: "reminding by hand",
    Action.SUSPEND: "suspending an item",
    Action.NOT_APPLICABLE: "marking an item not applicable",
    Action.SIGN_ORDER: "signing a supervision order or letter of request",
    Action.SIGN_REPORT: "signing a supervision report",
    Action.SIGN_ACCOUNTABILITY: "signing an accountability file",
    Action.CLOSE_PHASE: "closing a phase",
    Action.PASS_CONDITIONALLY: "confirming a conditional pass",
    Action.CLEAR_VETO: "clearing a veto item",
    Action.ANNUL: "annulling an error",
    Action.QUARANTINE: "putting evidence into quarantine",
    Action.MANAGE_CONTACTS: "naming or ending a contact",
    Action.MANAGE_ACCOUNTS: "adding or ending an account",
    Action.MANAGE_PLAN: "changing the plan",
    Action.MANAGE_CALENDAR: "changing the calendar",
    Action.READ_AUDIT: "reading the audit log",
    Action.VERIFY_AUDIT: "verifying the audit log",
    Action.BACK_UP: "keeping backups",
    Action.LOOK: "looking at the plan's content",
}


@dataclass(frozen=True)
class Signed:
    """One person's word on an act that needs two: who, and as what. It is what a service keeps."""

    name: str
    role: Role


@dataclass(frozen=True)
class Actor:
    """A person who acts in one plan, in all of that person's roles."""

    name: str
    roles: frozenset[Role]
    unit: str | None = None
    """The code of the one unit whose liaison or leader this is."""
    unit_name: str = ""
    in_host: bool = False
    """Whether that unit is the office or its host bureau, which never clears a veto item (DOMAIN 7)."""

    def may(self, action: Action, *, unit: str | None = None, of_host: bool = False) -> bool:
        """Whether `must` would let the action pass."""
        return self._as(action, unit, of_host) is not None

    def must(
        self,
        action: Action,
        *,
        unit: str | None = None,
        called: str = "",
        of_host: bool = False,
        doing: str = "",
    ) -> Role:
        """The role in which this person may act. Raises `Refused` in words where there is none.

        `unit` is the code of the unit acted for, `called` its name for people; only its own liaison and
        leader act for it. `of_host`: the item is one of the host bureau. `doing` names the act more closely
        than the action does.
        """
        role = self._as(action, unit, of_host)
        if role is not None:
            return role
        needed = needed_roles(action, of_host=of_host)
        doing = doing or _DOING[action]
        if of_host and action in OF_HOST:
            doing += " of the host bureau"
        if action is Action.CLEAR_VETO and self.in_host and Role.LEADER in self.roles:
            raise Refused(f"{self._said()}; {doing} needs a leader who is not of the host bureau.")
        who = _any_of(needed) + (f" of {called or unit}" if unit and needed <= OF_A_UNIT else "")
        raise Refused(f"{self._said()}; {doing} needs {who}.")

    def signed(self, action: Action, *, of_host: bool = False) -> Signed:
        """This person's word, given first, on an action that another must confirm. Raises `Refused`."""
        return Signed(self.name, self.must(action, of_host=of_host))

    def must_confirm(self, action: Action, first: Signed, *, of_host: bool = False) -> Signed:
        """This person's word as the second on an action, after `first`.

        Operator and supervisor both: the second is the one that the first was not. Annulling: another
        person, and for the host bureau's items one of the two is a supervisor. Raises `Refused`.
        """
        role = self.must(action, of_host=of_host)
        if self.name == first.name:
            raise Refused(f"{self.name} asked for it; {_DOING[action]} needs a second person to confirm.")
        wanted = needed_roles(action, of_host=of_host)
        if needs_both(action, of_host=of_host):
            wanted -= {first.role}
        elif action is Action.ANNUL and of_host and first.role is not Role.SUPERVISOR:
            wanted = _SUPERVISOR
        if not wanted & self.roles:
            raise Refused(
                f"{first.name} asked for it as {_a(first.role)}; {self._said()}, "
                f"and {_DOING[action]} needs {_any_of(wanted)} to confirm."
            )
        return Signed(self.name, role if role in wanted else _first(wanted & self.roles))

    def _as(self, action: Action, unit: str | None, of_host: bool) -> Role | None:
        if action is Action.CLEAR_VETO and self.in_host:
            return None
        able = self.roles & needed_roles(action, of_host=of_host)
        if unit is not None and unit != self.unit:
            able -= OF_A_UNIT
        return _first(able) if able else None

    def _said(self) -> str:
        """王五 is a liaison of 地区水务局."""
        of_unit = f" of {self.unit_name or self.unit}" if self.unit else ""
        named = [_a(role) + (of_unit if role in OF_A_UNIT else "") for role in Role if role in self.roles]
        return f"{self.name} is {' and '.join(named)}"


def needed_roles(action: Action, *, of_host: bool = False) -> frozenset[Role]:
    """The roles any of which may do it."""
    return OF_HOST.get(action, WHO[action]) if of_host else WHO[action]


def needs_both(action: Action, *, of_host: bool = False) -> bool:
    """Whether operator and supervisor decide it together: one asks, the other confirms.

    Of the host bureau's items a supervisor decides alone.
    """
    return action in _BOTH and not of_host


def needs_two(action: Action, *, of_host: bool = False) -> bool:
    """Whether it holds only when a second person has confirmed it, whatever the two are."""
    return action is Action.ANNUL or needs_both(action, of_host=of_host)


def _first(roles: frozenset[Role]) -> Role:
    return next(role for role in Role if role in roles)


def _a(role: Role) -> str:
    word = role.replace("_", " ")
    return f"{'an' if word[0] in 'aeio' else 'a'} {word}"


def _any_of(roles: frozenset[Role]) -> str:
    named = [_a(role) for role in Role if role in roles]
    return " or ".join(named)
