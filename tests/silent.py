"""A host that takes a call and never answers."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def silent() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yields its address with the port, and what waits until somebody calls."""
    with socket.create_server(("127.0.0.1", 0)) as host, ExitStack() as calls:
        host.settimeout(60)
        yield f"127.0.0.1:{host.getsockname()[1]}", lambda: calls.enter_context(host.accept()[0])
