"""What a server lets go of when it stops."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from fastapi.testclient import TestClient

from ui.api import ServiceOptions, create_app


def test_a_server_that_has_stopped_keeps_no_index(home: Path) -> None:
    app = create_app(ServiceOptions(home=str(home), hosts=("testserver",)))
    with TestClient(app) as client:
        assert client.get("/v1/search", params={"q": "数据出境"}).json()["hits"]
        base = app.state.knowledge_base
        index = weakref.ref(base.context.index)
        assert index() is not None
    # The application itself stays in caches of its framework, and so does the knowledge base.
    gc.collect()
    assert index() is None
