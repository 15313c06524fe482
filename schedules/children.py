"""The child processes of `eco up`: started, watched, started anew with growing pauses, ended.

Time is passed in as seconds of a clock that only goes forward.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from logging import WARNING
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

from eco_workflow.log import note

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
STEADY_SECONDS = 60.0
"""A child that lived so long is trusted to stay, and starts again at once when it ends."""

KEPT_LOG_BYTES = 5_000_000
"""A log longer than this is set aside, also while its child writes; one such is kept."""

SET_CHILD_SUBREAPER, DEATH_SIGNAL = 36, 1

LOOK_SECONDS = 0.5
ASK_SECONDS = 1.0
"""After so long who was asked to end and is still there is asked once more."""
ALONE_SECONDS = 3.0
"""How long a process whose parent is gone may take to end by itself."""


@dataclass
class Child:
    """One process that is to run always."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    say: Callable[[str], Any]
    dies_by: signal.Signals = signal.SIGKILL
    """How it ends where this process is killed and can end nothing itself."""
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    starts: int = 0
    next_start: float = 0.0
    next_aside: float = 0.0
    pause: float = field(default=FIRST_PAUSE)

    @property
    def pid(self) -> int | None:
        """Its process while it lives; also asked from other threads."""
        process = self.process
        return process.pid if process is not None and process.poll() is None else None

    def is_steady(self, at: float) -> bool:
        """Whether it lives, and has for so long that it will not end at once."""
        return self.pid is not None and at - self.started >= STEADY_SECONDS

    def tend(self, at: float) -> bool:
        """Starts it where it does not run and its pause is over; whether it was started now."""
        if self.pid is not None:
            return False
        if self.process is not None:
            self._ended(at)
        if at < self.next_start:
            return False
        self._start(at)
        return True

    def keep_log_short(self, at: float) -> None:
        """Sets a full log aside; where the disk does not take the copy it grows on until a later try."""
        if at < self.next_aside:
            return
        try:
            keep_short(self.log)
        except OSError as error:
            self.next_aside = at + LONGEST_PAUSE
            note(f"{self.name}'s log not set aside", level=WARNING, error=error)
            self.say(f"{self.log} is full and cannot be set aside: {error.strerror}")

    def _ended(self, at: float) -> None:
        assert self.process is not None
        if at - self.started >= STEADY_SECONDS:
            self.pause = FIRST_PAUSE
        note(
            f"{self.name} ended", level=WARNING, number=self.process.pid, state=_how(self.process.returncode)
        )
        self.say(f"{self.name} ended ({_how(self.process.returncode)}); again in {self.pause:.0f} s")
        self.process = None
        self.next_start = at + self.pause
        self.pause = min(2 * self.pause, LONGEST_PAUSE)

    def _start(self, at: float) -> None:
        with self.log.open("ab") as log:  # appending, so that it goes on at the start of an emptied one
            self.process = spawn(self.command, self.environment, log, self.dies_by)
        self.started, self.starts = at, self.starts + 1
        note(f"{self.name} started", number=self.process.pid)
        self.say(f"{self.name} started (process {self.process.pid})")

    def kill(self) -> None:
        """Ends it at once, e.g. because it hangs; `tend` starts it again."""
        if self.process is not None:
            _signal(self.process, signal.SIGKILL)

    def end(self, seconds: float) -> None:
        """Ends it for good, within so many seconds."""
        if self.process is not None:
            end(self.process, seconds)


def keep_short(log: Path) -> None:
    """Sets a log aside that is full. Raises `OSError`, and then it is as it was."""
    if log.exists() and log.stat().st_size > KEPT_LOG_BYTES:
        _set_aside(log)


def _set_aside(log: Path) -> None:
    """`runner.log` becomes `runner.log.1` and is emptied: whoever writes into it holds it open and goes on.

    What is written while it is copied is copied too, but for what falls between the last look, which finds
    nothing more, and the emptying, the next call. Raises `OSError`, and then the log is as it was.
    """
    part = log.with_suffix(".log.part")
    try:
        with log.open("r+b", buffering=0) as full, part.open("wb") as kept:
            shutil.copyfileobj(full, kept)
            kept.flush()
            part.replace(log.with_suffix(".log.1"))
            shutil.copyfileobj(full, kept)
            kept.flush()
            full.truncate(0)
    finally:
        part.unlink(missing_ok=True)


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def spawn(
    command: Sequence[str],
    environment: Mapping[str, str],
    log: BinaryIO,
    dies_by: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own that writes into `log` and dies with this one, by that signal:
    whoever is only asked to end sees to the rest itself (`end_with`).
    """
    return subprocess.Popen(  # noqa: S603  (nothing of it comes from outside)
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_dies_with_parent(dies_by),  # noqa: PLW1509  (one system call, looked up before)
    )


def end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Asks whatever a process started to end, then itself; after so many seconds nothing is asked any more.

    In this order: a runner of Prefect's that is asked to end kills its runs, which have no time left then to
    write down what became of a mail in hand. They are asked again and again: one that is just being started
    does not hear it, and asyncio swallows what Prefect raises in the middle of a callback.
    """
    until = time.monotonic() + seconds
    ask_at = 0.0
    try:
        while (started := _started_by(process.pid)) and (at := time.monotonic()) < until:
            if at >= ask_at:
                tell(started, signal.SIGTERM)
                ask_at = at + ASK_SECONDS
            time.sleep(LOOK_SECONDS / 10)
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))
    finally:
        _signal(process, signal.SIGKILL)
        process.wait()


def tell(pids: Iterable[int], number: signal.Signals) -> None:
    """Sends each of them a signal; who is gone meanwhile hears nothing."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _started_by(leader: int) -> set[int]:
    """On Linux: the living processes of the group that it leads, without itself."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group = file.read_text().rpartition(")")[2].split()[:3]
            if int(group) == leader and state != "Z":
                found.add(int(file.parent.name))
    return found - {leader}


def _dies_with_parent(number: signal.Signals) -> Callable[[], object] | None:
    """On Linux a child ends also where this process is killed and cannot end it itself."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(DEATH_SIGNAL, number)


def end_with(parent: int) -> None:
    """From now on this process, and what it started, lives no longer than its parent, however it hangs.

    Being asked to end is not enough: who ends in good order first tells a server that died at the same
    moment, and waits. What a delivery had under way becomes `unknown`. The process leads a session (`spawn`).
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        time.sleep(ALONE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def adopt_orphans() -> None:
    """On Linux: what a child leaves behind when it is killed becomes a child of this process."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def orphans(own: set[int]) -> list[int]:
    """The living children of this process besides its `own`; the dead ones are put away."""
    found = []
    for pid in _children():
        if pid in own:
            continue
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG) == (0, 0):
                found.append(pid)
    return found


def _children() -> list[int]:
    found: list[int] = []
    for task in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            found += [int(pid) for pid in task.read_text().split()]
    return found
