"""Comes last in its folder, by its name: it ends the server of all other tests there."""

import os

import pytest

from tests.flows.server import Server, processes

pytestmark = pytest.mark.xdist_group("prefect")


def test_nothing_of_the_server_is_left_afterwards(server: Server) -> None:
    before = server.processes()
    server.running.close()
    assert before
    assert not {pid for pid, _ in processes()} & set(before)
    assert "PREFECT_API_URL" not in os.environ
