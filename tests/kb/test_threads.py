"""One knowledge base shared by threads that add and threads that search."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.errors import HomeLocked
from kb.locking import WriterLock

CLAUSES = "\n\n".join(f"第{n}条　外贸企业出口退税第{n}批办理。" for n in range(1, 40))


@pytest.mark.slow
def test_searching_goes_on_while_files_are_added(tmp_path: Path) -> None:
    with KnowledgeBase.open(tmp_path / "home") as base:
        base.ingest_bytes("first.txt", f"海关监管办法\n\n{CLAUSES}".encode())

        def add() -> None:
            for n in range(6):
                base.ingest_bytes(f"{n}.txt", f"海关监管办法第{n}版\n\n{CLAUSES}".encode())

        adding = threading.Thread(target=add, daemon=True)
        adding.start()
        while adding.is_alive():
            assert base.search("出口退税").hits
        assert len(base.documents()) == 7


def test_a_thread_waits_no_longer_than_its_patience(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "write.lock")
    refused = []

    def hold() -> None:
        try:
            with lock.held(patience=0.0):
                pass
        except HomeLocked as error:
            refused.append(error)

    with lock.held():
        waiting = threading.Thread(target=hold, daemon=True)
        waiting.start()
        waiting.join(timeout=60)
    assert refused
    with pytest.raises(RuntimeError, match="inside"), lock.held():
        raise RuntimeError("inside")
    with lock.held(patience=0.0):
        pass
