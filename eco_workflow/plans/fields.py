"""What single fields of a plan file may say: text, ids, exact decimals, addresses, times, rhythms."""

import re
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.json_schema import WithJsonSchema

from eco_workflow.domain.address import why_unusable

EXACT = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,9})?")


def _one_line(text: str) -> str:
    """Text may end up in a mail's header, so it is one line."""
    if not text.strip() or text != text.strip() or not text.isprintable():
        raise ValueError("is empty, has spaces at its ends or more than one line; write one line of text")
    return text


def _mail_address(text: str) -> str:
    if unusable := why_unusable(text):
        raise ValueError(unusable)
    return text


def _wall_time(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError('has a zone or is a number of seconds; write hour and minute in Shanghai: "17:30"')
    return value


def _exact(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not EXACT.fullmatch(value):
        raise ValueError('is no exact decimal; write it plainly and in quotes, e.g. "4.5"')
    return Decimal(value)


Text = Annotated[str, AfterValidator(_one_line)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
Address = Annotated[str, AfterValidator(_mail_address)]
WallTime = Annotated[time, AfterValidator(_wall_time)]
Exact = Annotated[
    Decimal, BeforeValidator(_exact), WithJsonSchema({"type": "string", "pattern": f"^{EXACT.pattern}$"})
]
"""A decimal that stays what it was written as: in quotes, no float on the way."""

Days = Annotated[int, Field(ge=1)]
"""Whole working days."""

RoundRhythm = Literal["every_round", "monthly", "never"]
"""How often what is asked with the rounds is asked; `monthly` is the month's last round day."""

Rhythm = Literal["monthly", "quarterly", "yearly"]
"""How often a duty or a veto declaration is asked, on the last round day of the period."""

Relation = Literal["subordinate", "independent", "vertical"]
"""Units that are not subordinate get letters of request instead of orders (DOMAIN 2)."""


class Part(BaseModel):
    """A part of the document: nothing unknown in it, nothing changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
