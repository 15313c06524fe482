"""One thing to say about a plan file: where, what is wrong, and what to do."""

import json
from dataclasses import dataclass
from typing import Literal

Path = tuple[str | int, ...]
"""Where in the document, e.g. `("units", 3, "contacts", 0, "address")`."""


def place(path: Path) -> str:
    """`('units', 3, 'id')` as `units[3].id`; the whole document as `plan`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).lstrip(".") or "plan"


@dataclass(frozen=True)
class Finding:
    """An error refuses the file; a warning is told, for a person to look at."""

    path: Path
    wrong: str
    remedy: str
    value: object = None
    """What stands there; None where there is nothing to show."""
    severity: Literal["error", "warning"] = "error"

    @property
    def said(self) -> str:
        """What is wrong; the value; what to do."""
        if self.value is None:
            return f"{self.wrong}; {self.remedy}"
        shown = json.dumps(self.value, ensure_ascii=False, default=str)
        return f"{self.wrong}; {shown if len(shown) <= 60 else shown[:59] + '…'}; {self.remedy}"

    @property
    def where(self) -> str:
        """The place as it is written in messages."""
        return place(self.path)
