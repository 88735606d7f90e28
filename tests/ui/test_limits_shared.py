"""Requests counted in a store that hosts share: by the real library, over the real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from clusterlab import PostgresServer
from fastapi.testclient import TestClient

from ui.api import create_app
from ui.api.options import ServiceOptions


def test_two_hosts_count_together(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYKB_STORE", postgres.new_database())
    seen = []
    for host in ("one", "two"):
        options = ServiceOptions(home=str(tmp_path / host), address_rate="3/minute", hosts=("*",))
        with TestClient(create_app(options)) as client:
            seen += [client.get("/v1/documents").status_code for _ in range(2)]
    assert seen == [200, 200, 200, 429]
