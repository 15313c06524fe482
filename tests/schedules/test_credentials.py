"""`eco up` asks a Prefect server of somebody else's as Prefect does, where that one asks who calls."""

import pytest
from prefect.client.orchestration import SyncPrefectClient

from schedules.server import credentials


def test_what_the_environment_says_is_sent_as_prefect_sends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = SyncPrefectClient("http://127.0.0.1:1/api", auth_string="创建办:密 码")._client.headers
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "创建办:密 码")
    assert credentials() == {"Authorization": theirs["Authorization"]}
    monkeypatch.delenv("PREFECT_API_AUTH_STRING")
    assert credentials() == {}
