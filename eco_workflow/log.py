"""One log of what the product does: a JSON object a line, from runs and commands alike.

Its fields are a closed list of codes, numbers and times, so that no address, name, password or content ever
gets into it: what was said stands in the audit log and the outbox, which this one points to by number.

Several processes write one file. Each line is one write at its end, under a lock that also lets one of them
set a full file aside (docs/decisions/0020).
"""

import fcntl
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from eco_workflow.domain.json_text import as_json

FULL_BYTES = 5_000_000
KEPT = 4
"""So many full files are kept beside the one in use: 25 MB altogether."""

LOG = logging.getLogger("eco")
LOG.propagate = False
LOG.setLevel(logging.INFO)
LOG.addHandler(logging.NullHandler())

_bound: ContextVar[Mapping[str, Any]] = ContextVar("bound")


def keep_log(home: Path | None) -> None:
    """From now on this process writes into the log of this ECO_HOME; None: into none."""
    LOG.handlers = [
        logging.NullHandler() if home is None else _Appending(home.absolute() / "log" / "eco.log")
    ]


def note(
    event: str,
    *,
    level: int = logging.INFO,
    plan: str | None = None,
    round_on: date | None = None,
    action: str | None = None,
    number: int | None = None,
    state: str | None = None,
    counts: Mapping[str, int] | None = None,
    seconds: float | Mapping[str, float] | None = None,
    error: BaseException | str | None = None,
) -> None:
    """Writes one line down; a log that cannot be written stops nothing, and is named once on standard error.

    `action`: of an act, as the audit log names it. `number`: the audit row, the message or the process.
    `seconds`: of the whole, or by step. `error`: of an exception its kind and place alone, since its words
    may repeat a name.
    """
    fields = {
        "plan": plan,
        "round": round_on,
        "action": action,
        "number": number,
        "state": state,
        "counts": dict(counts) if counts else None,
        "seconds": _rounded(seconds),
        "error": _where(error) if isinstance(error, BaseException) else error,
    }
    known = {name: value for name, value in fields.items() if value is not None}
    LOG.log(level, event, extra={"fields": {**_bound.get({}), **known}})


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Every line written meanwhile says this too: `run` (the day it is for), `flow_run`."""
    before = _bound.set({**_bound.get({}), **fields})
    try:
        yield
    finally:
        _bound.reset(before)


def _rounded(seconds: float | Mapping[str, float] | None) -> object:
    if isinstance(seconds, Mapping):
        return {step: round(taken, 3) for step, taken in seconds.items()}
    return None if seconds is None else round(seconds, 3)


def _where(error: BaseException) -> str:
    """`ValueError at notices.py:142`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


class _Appending(logging.Handler):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Appends the record; where the disk does not take it, the work goes on without, said once."""
        at = datetime.fromtimestamp(record.created, UTC)
        head = {"at": at, "level": record.levelname.lower(), "event": record.getMessage()}
        line = as_json({**head, **getattr(record, "fields", {})}, indent=None) + "\n"
        try:
            self.path.parent.mkdir(0o700, exist_ok=True)
            _append(self.path, line.encode())
        except OSError as error:
            if not self.told:
                self.told = True
                with suppress(OSError):
                    sys.stderr.write(
                        f"eco: The log {self.path} cannot be written: {error.strerror}. The work goes on "
                        "without; look at the folder's permissions and the disk.\n"
                    )


def _append(path: Path, line: bytes) -> None:
    while True:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            stands = os.fstat(file)
            if not path.exists() or not os.path.samestat(stands, path.stat()):
                continue  # another set it aside meanwhile
            if stands.st_size and stands.st_size + len(line) > FULL_BYTES:
                _set_aside(path)
                continue
            os.write(file, line)
            return
        finally:
            os.close(file)


def _set_aside(path: Path) -> None:
    """`eco.log` becomes `eco.log.1`, and so on; the oldest is gone."""
    for n in range(KEPT, 1, -1):
        with suppress(FileNotFoundError):
            path.with_name(f"{path.name}.{n - 1}").replace(path.with_name(f"{path.name}.{n}"))
    path.replace(path.with_name(f"{path.name}.1"))
