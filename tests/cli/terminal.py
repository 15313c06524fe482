"""The `eco` command as a person at a terminal has it: in this process, or slower as a process of its own."""

import contextlib
import ctypes
import functools
import io
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import typer.main

from eco_workflow.cli import common
from eco_workflow.cli.main import main
from eco_workflow.log import keep_log
from tests.first_days import folder_once
from tests.hears_ctrl_c import hears_ctrl_c

# The commands are the same in every process: to put them together takes longer than most of them run.
typer.main.get_command = functools.cache(typer.main.get_command)

ECO = [sys.executable, "-m", "eco_workflow.cli.main"]
ROOT = Path(__file__).parents[2]

STOPPED = "eco: stopped. What was committed stands; "
GOES_ON = "the same command again goes on, where it was not done already."

FIRST_DAY = "2022-03-01T08:00:00+08:00"
ROUND_DAY = "2022-03-14T09:00:00+08:00"
NEXT_DAY = "2022-03-15T09:00:00+08:00"

INIT = ("init", "--now", FIRST_DAY)
DISPATCH = ("dispatch", "--direct", "--now", ROUND_DAY)
THURSDAY = ("follow-up", "--direct", "--now", "2022-03-17T09:00:00+08:00")
ANSWER = ("report", "submit", "caizhengju", "I33", "--status", "in_progress", "--now", NEXT_DAY)


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Terminal:
    """A shell with ECO_HOME set to an installation of its own."""

    home: Path

    def __call__(self, *words: str, **environment: str) -> Said:
        """Runs a command in this process, by the same `main` that the `eco` script calls."""
        out, err = io.StringIO(), io.StringIO()
        code: Any = 0
        # A process reads COLUMNS when it starts; here every command has the same one.
        common.out.width = int(environment.get("COLUMNS", common.PIPE_WIDTH))
        with (
            mock.patch.dict(os.environ, self._environment(environment), clear=True),
            mock.patch.object(sys, "argv", ["eco", *words]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
            finally:
                keep_log(None)  # a process ends here
        return Said(int(code), out.getvalue(), err.getvalue())

    def after(self, *commands: tuple[str, ...]) -> "Terminal":
        """The installation after these commands, the first of them on an empty machine; in place of this one.

        They are typed once in a test run, then copied.
        """

        def typed() -> None:
            done = self.after(*commands[:-1])(*commands[-1])
            assert done.code == 0, done

        if commands:
            folder_once(self.home, commands, typed)
        return self

    def outside(self, *words: str, beforehand: Callable[[], None] | None = None, **environment: str) -> Said:
        """Runs a command in a process of its own; `beforehand` is called in it first."""
        done = subprocess.run(
            [*ECO, *words],
            cwd=ROOT,
            env=self._environment({"COLUMNS": "200", **environment}),
            preexec_fn=beforehand,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def started(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """A command in a process of its own that is not waited for."""
        return subprocess.Popen(
            [*ECO, *words],
            cwd=ROOT,
            env=self._environment(environment),
            preexec_fn=hears_ctrl_c,  # noqa: PLW1509  (one system call)
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ECO_")}
        return {**kept, "ECO_HOME": str(self.home), **more}

    @property
    def file(self) -> Path:
        """The database."""
        return self.home / "eco.db"

    def sql(self, statement: str, *values: object) -> list[Any]:
        """Reads or damages the database behind the product's back."""
        with contextlib.closing(sqlite3.connect(self.file)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def picture(self) -> dict[str, Any]:
        """Everything that is kept: every row of every table, and the mails that lie in the mailboxes."""
        seen: dict[str, Any] = {"mails": sorted(p.name for p in self.home.glob("mail/*/new/*"))}
        if self.file.exists() and self.file.stat().st_size:
            for (name,) in self.sql("SELECT name FROM sqlite_master WHERE type = 'table'"):
                seen[name] = sorted(map(repr, self.sql(f'SELECT * FROM "{name}"')))
        return seen


def disk_with_room_for(size: int) -> Callable[[], None]:
    """For `beforehand`: no file grows beyond that many bytes, as on a disk that is about to be full."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def without_the_powers_of_root() -> None:
    """For `beforehand`: file permissions hold for root, too. Does nothing for anybody else."""
    if os.geteuid() == 0:
        drop_from_bounding_set = 24
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0) == 0


def assert_refused(said: Said, code: int, *parts: str) -> None:
    """One clear message on standard error, nothing else, and no traceback."""
    assert "Traceback" not in said.err, said.err
    assert said.code == code, said
    assert said.out == ""
    assert said.err.strip(), "nothing was said"
    for part in parts:
        assert part in said.err, said.err
