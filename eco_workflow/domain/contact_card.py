"""What an office's list says of a contact besides the name and the address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from eco_workflow.domain.address import why_unusable

_TELEPHONE = re.compile(r"\+?[0-9][0-9() -]{4,24}[0-9](?:(?:转|#| x)[0-9]{1,6})?")
LONGEST = 100
"""Characters of a name or a post."""


@dataclass(frozen=True)
class Card:
    """What may change without another person being told. Empty where nothing is known."""

    post: str = ""
    telephone: str = ""
    deputy: str = ""
    """Who hears in the contact's place while that is away."""
    deputy_address: str = ""
    away_from: date | None = None
    away_until: date | None = None
    """The last day of an absence."""

    def is_away(self, today: date) -> bool:
        """Whether a day lies within the absence, its first and last day included."""
        return self.away_from is not None and self.away_from <= today <= (self.away_until or self.away_from)


def why_no_line(text: str) -> str | None:
    """Why a text is no name or post that fits into a mail's line; None where it does."""
    if not text.isprintable() or len(text) > LONGEST:
        return f"is no text of one line with at most {LONGEST} characters"
    return None


def wrong_with(card: Card, address: str, today: date) -> Iterator[tuple[str, str]]:
    """Field and words for everything that cannot be, for a contact of this address."""
    if why := why_no_line(card.post):
        yield "post", why
    if card.telephone and not _TELEPHONE.fullmatch(card.telephone):
        yield "telephone", f"{card.telephone!r} is no telephone number: digits, as in 0457-2712345转12"
    yield from _wrong_deputy(card, address)
    yield from _wrong_absence(card, today)


def _wrong_deputy(card: Card, address: str) -> Iterator[tuple[str, str]]:
    if why := why_no_line(card.deputy):
        yield "deputy", why
    if card.deputy_address and not card.deputy:
        yield "deputy", "is empty, but the deputy's address is not"
    if card.deputy and not card.deputy_address:
        yield "deputy_address", "is empty, but a deputy is named"
    elif card.deputy_address and (unusable := why_unusable(card.deputy_address)):
        yield "deputy_address", unusable
    elif card.deputy_address and card.deputy_address == address:
        yield "deputy_address", "is the contact's own; a deputy has another"


def _wrong_absence(card: Card, today: date) -> Iterator[tuple[str, str]]:
    if card.away_from and not card.away_until:
        yield "away_until", "is empty, but an absence begins"
    elif card.away_until and not card.away_from:
        yield "away_from", "is empty, but an absence ends"
    elif card.away_from and card.away_until:
        if card.away_until < card.away_from:
            yield "away_until", f"{card.away_until} lies before the absence begins"
        elif card.away_until < today:
            yield "away_until", f"{card.away_until} has passed; empty both days of an absence that is over"
