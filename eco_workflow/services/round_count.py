"""Who is asked in a round and who answered it, counted in one way for every list, mail and sheet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from eco_workflow.domain.answers import ANSWERED
from eco_workflow.domain.clock import shanghai_date
from eco_workflow.services.report_case import counted, let_pass
from eco_workflow.store.tables import Entry, Request, Unit


@dataclass(frozen=True)
class Asked:
    """A unit in a round as it stands now."""

    request: Request
    unit: Unit
    entries: tuple[Entry, ...]
    """What it owes or has answered there, without what was set aside."""
    unreached: bool
    """The request could not be sent, or was not yet, and the unit said nothing by telephone or letter."""
    gave_way: bool
    """The request was taken out before it was due: by a newer one, or because the unit was merged."""

    @property
    def merged(self) -> bool:
        """Whether it gave way because its unit is no more, and not to be asked anew."""
        return self.gave_way and self.unit.successor_id is not None

    @property
    def counts(self) -> bool:
        """Whether the unit counts as asked. The twin in SQL is `COUNTS` in `store/decide/envelopes`."""
        return bool(self.entries) and not self.unreached and not self.gave_way

    @property
    def entries_answered(self) -> int:
        """How many of its entries are answered."""
        return sum(entry.state in ANSWERED for entry in self.entries)

    @property
    def answered(self) -> bool:
        """Whether every one is."""
        return self.entries_answered == len(self.entries)


def asked_in(
    session: Session, rounds: Collection[int], *, before: date | None = None
) -> dict[int, list[Asked]]:
    """Round id → the units of these rounds that a request was made for, in their order.

    `before`: what was first sent on this day or later was not sent yet.
    """
    entries: dict[tuple[int, int], list[Entry]] = {}
    for entry in session.exec(select(Entry).where(col(Entry.round_id).in_(rounds))):
        entries.setdefault((entry.round_id, entry.unit_id), []).append(entry)
    passed = let_pass(session, rounds)
    rows = session.exec(
        select(Request, Unit)
        .join(Unit, col(Unit.id) == Request.unit_id)
        .where(col(Request.round_id).in_(rounds))
        .order_by(col(Unit.id))
    )
    found: dict[int, list[Asked]] = {}
    for request, unit in rows:
        key = request.round_id, request.unit_id
        own = tuple(counted(entries.get(key, []), request))
        # Who answered by telephone was reached, whatever became of the mail.
        said = any(entry.state in ANSWERED for entry in own)
        sent = request.sent_at is not None and (before is None or shanghai_date(request.sent_at) < before)
        unreached = not sent and request.state in ("awaiting", "superseded") and not said
        asked = Asked(
            request=request,
            unit=unit,
            entries=own,
            unreached=unreached,
            gave_way=request.state == "superseded" and not unreached and key not in passed,
        )
        found.setdefault(request.round_id, []).append(asked)
    return found
