"""Raw SQL with typed parameters: the same text runs on both databases."""

from typing import Any

from sqlalchemy import BindParameter, Date, String, TextClause, bindparam, text
from sqlmodel.sql.sqltypes import UTCDateTime

DATES = ("today", "cut_off", "draft_cut_off", "on_date", "sent_on")
INSTANTS = ("now", "due_at", "at")
LISTS = ("plans", "rounds", "adhoc", "dates")


def sql(statement: str) -> TextClause:
    """A statement whose parameters get their type by name.

    `:today` and the like are dates, `:now` and the like aware instants, `:plans`, `:rounds` and `:adhoc`
    lists of ids, `:dates` a list of dates; anything else is passed as it is.
    """
    clause = text(statement)
    typed: list[BindParameter[Any]] = []
    for name in clause._bindparams:
        if name in DATES:
            typed.append(bindparam(name, type_=Date()))
        elif name in INSTANTS:
            typed.append(bindparam(name, type_=UTCDateTime()))
        elif name == "dates":
            typed.append(bindparam(name, type_=Date(), expanding=True))
        elif name in LISTS:
            typed.append(bindparam(name, expanding=True))
        elif name in ("who",):
            typed.append(bindparam(name, type_=String()))
    return clause.bindparams(*typed)
