"""A service keeps up an index that is in an engine elsewhere, and leaves one of its home alone."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from milvuslab import MilvusServer

from kb import KnowledgeBase
from ui.api import ServiceOptions, create_app


def is_followed() -> bool:
    return any(thread.name == "policykb-index" for thread in threading.enumerate())


def settings(milvus: MilvusServer, *, outside: bool) -> str:
    return f"index = {json.dumps(milvus.new_index())}\n" if outside else ""


@pytest.mark.parametrize("outside", [True, False])
def test_it_is_looked_after_as_long_as_the_service_runs(
    milvus: MilvusServer, tmp_path: Path, *, outside: bool
) -> None:
    (tmp_path / "policykb.toml").write_text(settings(milvus, outside=outside), "utf-8")
    base = KnowledgeBase.open(tmp_path)
    options = ServiceOptions(home=str(tmp_path), hosts=("testserver",))
    with TestClient(create_app(options, base)) as client:
        assert client.get("/healthz").status_code == 200
        assert is_followed() is outside
    assert not is_followed()
