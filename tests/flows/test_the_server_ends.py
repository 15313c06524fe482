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


def test_what_needs_the_server_ran_in_one_worker(request: pytest.FixtureRequest) -> None:
    """Else every worker starts a server, and tells the whole demo, for itself: minutes of the run.
    pytest-xdist 3.8.0 does not group under pytest 9.2.
    """
    under_xdist = hasattr(request.config, "workerinput")
    assert request.node.nodeid.endswith("@prefect") == under_xdist
