"""A mail server on this machine that counts what arrives, and can be told to hang up."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller

from schedules.server import free_port
from tests.reliability.sweep import message_id


class Sink:
    """`arrived`: Message-ID → how often its final dot came. `seconds`: how long it thinks about a mail.

    `is_away`: whoever calls is hung up on at once. `hangs_up`: asked after each mail that was taken; then
    nobody hears that it was.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.seconds = 0.0
        self.arrived: Counter[str] = Counter()
        self.calls = 0
        self.dropped = 0
        self.is_away = False
        self.hangs_up: Callable[[], bool] = lambda: False

    @property
    def url(self) -> str:
        """What ECO_MAIL_URL names."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.calls += 1
        if self.is_away:
            self.dropped += 1
            server.transport.abort()
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.seconds)
        self.arrived[message_id(envelope.original_content)] += 1
        if self.hangs_up():
            self.dropped += 1
            server.transport.abort()
        return "250 2.0.0 queued"


@contextmanager
def mail_sink() -> Iterator[Sink]:
    """The server, on a free port."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
