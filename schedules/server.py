"""A Prefect server for as long as it is needed: the one the environment names, else a child process."""

import fcntl
import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from eco_workflow.domain.errors import Unavailable, WrongInput
from eco_workflow.private import private_folder
from schedules.children import end, keep_short, spawn

START_SECONDS = 120.0
END_SECONDS = 10.0
ANSWER_SECONDS = 5.0
"""How long a server that somebody else runs may take to say that it is well."""

PORTS = range(1, 65536)

NO_REPORTING_HOME = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}

# What goes wrong comes out of the flow as an exception and is told once, in words, by the caller.
QUIET = {"PREFECT_LOGGING_LEVEL": "WARNING", "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}


@contextmanager
def prefect_server(home: Path, say: Callable[..., Any] | None = None) -> Iterator[str]:
    """The address of a Prefect API that answers, put in force for this process.

    Where the environment names PREFECT_API_URL, that server is used as it is. Otherwise one is started on
    a free port of the loopback; it keeps its things in `home`/prefect and is gone at the end, whatever
    happened meanwhile. `say` is told in short lines what is being waited for. Raises as `check` does.
    """
    with starting_server(home, say) as ready, ready() as url:
        yield url


@contextmanager
def starting_server(
    home: Path, say: Callable[..., Any] | None = None
) -> Iterator[Callable[[], AbstractContextManager[str]]]:
    """`prefect_server` for who has something to do while it starts: what is given waits for it, once."""
    named = os.environ.get("PREFECT_API_URL")
    quiet = {name: value for name, value in QUIET.items() if name not in os.environ}
    if named:
        check(named)
        yield lambda: _ready(lambda: named, quiet)
        return
    folder = home.absolute() / "prefect"
    ours = {"PREFECT_HOME": str(folder)} | NO_REPORTING_HOME
    with _child(folder, ours, say or _silent) as wait:
        yield lambda: _ready(wait, ours | quiet)


@contextmanager
def _ready(wait: Callable[[], str], values: dict[str, str]) -> Iterator[str]:
    """The server that was waited for, in force with these settings."""
    url = wait()
    with _in_force({"PREFECT_API_URL": url} | values):
        yield url


def _silent(_line: str) -> None:
    """Says nothing."""


def credentials() -> dict[str, str]:
    """The header by which a Prefect server that asks who calls knows us, as Prefect's own client sends it."""
    said = os.environ.get("PREFECT_API_AUTH_STRING")
    return {"Authorization": f"Basic {b64encode(said.encode()).decode()}"} if said else {}


def check(url: str) -> None:
    """Raises `Unavailable` unless the server that PREFECT_API_URL names says that it is well; `WrongInput`
    where what it names can be no server.
    """
    if not _is_address(url):
        raise WrongInput(
            f"PREFECT_API_URL {without_password(url)!r} is no address of a Prefect server. Write "
            "http://HOST:PORT/api or https://HOST/api, or unset it and a server is started here."
        )
    try:
        answer = httpx.get(f"{url.rstrip('/')}/health", timeout=ANSWER_SECONDS, follow_redirects=True)
        why = "" if answer.is_success else f"it answered {answer.status_code} to {answer.url.path}"
    except httpx.HTTPError as error:
        why = str(error).rstrip(".") or type(error).__name__
    if why:
        raise Unavailable(
            f"The Prefect server at {without_password(url)}, which PREFECT_API_URL names, "
            f"cannot be used: {why}. Start it, correct the variable, or unset it and a server is "
            "started here; --direct works without Prefect."
        )


def _is_address(url: str) -> bool:
    """Whether it names a scheme, a host and a port, if any, that can be called."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parts.scheme in ("http", "https") and bool(parts.host) and (parts.port or 1) in PORTS


def without_password(url: str) -> str:
    """An address as it may be shown."""
    before, at, after = url.rpartition("@")
    scheme, ends, _ = before.rpartition("://")
    return f"{scheme}{ends}…@{after}" if at else url


@contextmanager
def _child(folder: Path, ours: dict[str, str], say: Callable[..., Any]) -> Iterator[Callable[[], str]]:
    """A server that starts; what is given waits until it answers and returns its address."""
    with ExitStack() as ending:
        try:
            private_folder(folder, below=folder.parent)
            with suppress(OSError):  # a full disk is told of by who has to write
                keep_short(folder / "server.log")
            log = ending.enter_context((folder / "server.log").open("ab"))
            starting = ending.enter_context((folder / "starting.lock").open("wb"))
        except OSError as error:
            raise Unavailable(f"{folder} cannot be written: {error.strerror}. See ECO_HOME.") from error
        # Two that start at once would both make the same database.
        fcntl.flock(starting, fcntl.LOCK_EX)
        port = free_port()
        known = "" if (folder / "prefect.db").exists() else " (first start takes ~15 s)"
        say(f"starting a Prefect server on 127.0.0.1:{port}{known}")
        others = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
        child = spawn(server_command(port), others | ours, log)
        ending.callback(end, child, END_SECONDS)
        url = f"http://127.0.0.1:{port}/api"
        written = log.tell()

        def wait() -> str:
            _wait(child, url, Path(log.name), written)
            fcntl.flock(starting, fcntl.LOCK_UN)
            return url

        yield wait


def server_command(port: int) -> list[str]:
    """What starts a Prefect server on the loopback, without its pages."""
    command = ["-P", "-m", "prefect", "server", "start", "--no-ui", "--host", "127.0.0.1", "--port"]
    return [sys.executable, *command, str(port)]


def answers(url: str) -> bool:
    """Whether the Prefect API there says that it is well."""
    with suppress(httpx.HTTPError), httpx.Client(trust_env=False, timeout=ANSWER_SECONDS) as client:
        return client.get(f"{url.rstrip('/')}/health", follow_redirects=True).is_success
    return False


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(child: subprocess.Popen[bytes], url: str, log: Path, written: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if (code := child.poll()) is not None:
            raise Unavailable(f"The Prefect server ended with code {code}. {_tail(log, written)}")
        if answers(url):
            return
        time.sleep(0.1)
    raise Unavailable(
        f"The Prefect server did not answer within {START_SECONDS:.0f} s. {_tail(log, written)}"
    )


def _tail(log: Path, written: int) -> str:
    with log.open("rb") as file:
        file.seek(written)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    last = "\n".join(["", *lines[-10:]]) if lines else " It wrote nothing."
    return f"--direct works without it. The end of {log}:{last}"


@contextmanager
def _in_force(values: dict[str, str]) -> Iterator[None]:
    """Sets the environment, and Prefect's own settings where it had read them already."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        with ExitStack() as stack:
            if "prefect" in sys.modules:
                stack.enter_context(_read_anew())
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _read_anew() -> Iterator[None]:
    from prefect.context import SettingsContext, get_settings_context
    from prefect.logging.configuration import setup_logging
    from prefect.settings import Settings

    with SettingsContext(profile=get_settings_context().profile, settings=Settings()):
        setup_logging()
        yield
