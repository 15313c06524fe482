"""Items that no plan document names: assigned tasks and rectifications, their codes and origins (DOMAIN 1).

A task `T001` is a leader's instruction, a resolution or an inspection's demand; a rectification `R001` mends
what a reviewer found at a milestone.
"""

import re
from dataclasses import dataclass
from datetime import date

from eco_workflow.domain.clock import read_date
from eco_workflow.domain.errors import WrongInput
from eco_workflow.domain.words import ORIGIN

TASK, RECTIFICATION = "task", "rectification"
KINDS = {"instruction": TASK, "resolution": TASK, "inspection": TASK, "finding": RECTIFICATION}
"""From what an item arose → its kind of item."""

_LETTERS = {TASK: "T", RECTIFICATION: "R"}
_CODE = re.compile(r"[TR]\d{3,}")
_DEMAND = re.compile(r"([^:：]+)[:：](.+)[:：]([^:：]+)", re.DOTALL)

DEMAND = '"UNIT: what is to be done: DATE"'


def code(kind: str, n: int) -> str:
    """The code of the n-th item of a kind in a plan: `T001`."""
    return f"{_LETTERS[kind]}{n:03}"


def is_assigned(item: str) -> bool:
    """Whether a code is one of an assigned task or a rectification, which the document does not know."""
    return _CODE.fullmatch(item) is not None


def place(kind: str, origin: str, milestone: str = "", about: str = "") -> str:
    """Where an item comes from, in an official's words: what stands for its place in the source."""
    at = "，".join(filter(None, (milestone, f"涉及{about}" if about else "")))
    return f"{ORIGIN[kind]}{f'（{at}）' if at else ''}：{origin}"


@dataclass(frozen=True)
class Demand:
    """What one unit is to do by when."""

    unit: str
    title: str
    due_on: date


def read_demand(text: str, option: str) -> Demand:
    """A demand as a person types it, with Chinese colons or others; what is to be done may hold some itself.

    Raises `WrongInput` naming the option.
    """
    read = _DEMAND.fullmatch(text)
    unit, title, due_on = (part.strip() for part in read.groups()) if read else ("", "", "")
    if not (unit and title):
        raise WrongInput(f"{option} {text!r} demands nothing. Write it as {DEMAND}.")
    return Demand(unit, title, read_date(due_on, option))
