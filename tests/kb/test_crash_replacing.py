"""While a new version waits to be indexed, others find the one before or the new one, and what was
removed at once no more."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kb import Filters, KnowledgeBase

pytestmark = pytest.mark.slow

QUESTION = "冷链物流基地新增库容多少？"
OLD, NEW = "300万立方米", "450万立方米"
#: Another process, which searches each time it is asked to, and cannot publish.
READER = r"""
import json, sys
from pathlib import Path
from kb import Filters, KnowledgeBase
question = sys.argv[2]
with KnowledgeBase.open(Path(sys.argv[1]), read_only=True) as base:
    whole = base
    for line in sys.stdin:
        kind = json.loads(line)
        if kind == "restricted":
            base = whole.restricted(["open"])
        found = {
            mode: [hit.text for hit in base.search(question, mode=mode).hits]
            for mode in ("hybrid", "lexical", "dense")
        }
        wide = Filters(collections=("open",))
        found["filtered"] = [hit.text for hit in base.search(question, filters=wide).hits]
        found["ask"] = [base.ask(question).answer or ""]
        found["quoted"] = [hit.text for hit in base.search(f"“{question[:6]}”").hits]
        print(json.dumps(found), flush=True)
"""


@pytest.fixture
def look(
    filled: KnowledgeBase, files: dict[str, Path]
) -> Iterator[Callable[[str], dict[str, set[str]]]]:
    """Return what asks another process: of each way of searching, the versions it finds."""
    filled.ingest([files["opinion"]], collection="open")
    command = [sys.executable, "-c", READER, str(filled.home), QUESTION]
    reader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def looked(kind: str = "") -> dict[str, set[str]]:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write(json.dumps(kind) + "\n")
        reader.stdin.flush()
        found = json.loads(reader.stdout.readline())
        return {
            how: {value for value in (OLD, NEW) if any(value in text for text in texts)}
            for how, texts in found.items()
        }

    yield looked
    reader.communicate()


def unpublished(base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run end before its index is published."""
    monkeypatch.setattr(base._keeper, "publish", lambda *_, **__: None)


def everywhere(found: dict[str, set[str]]) -> set[str]:
    """Return what is found, which is the same in every way of searching."""
    first, *others = found.values()
    assert all(other == first for other in others), found
    return first


@pytest.mark.parametrize("kind", ["", "restricted"])
def test_another_process_finds_the_version_before_until_the_new_one_is_published(
    filled: KnowledgeBase,
    files: dict[str, Path],
    revise: Callable[[], None],
    look: Callable[[str], dict[str, set[str]]],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    assert everywhere(look(kind)) == {OLD}
    revise()
    with monkeypatch.context() as patch:
        unpublished(filled, patch)
        assert (
            filled.ingest([files["opinion"]], workers=1, collection="open").documents[0].status
            == "replaced"
        )
    assert everywhere(look(kind)) == {OLD}
    filled.search(QUESTION)
    assert everywhere(look(kind)) == {NEW}


def test_what_replaced_a_document_takes_it_along_when_it_is_removed(
    filled: KnowledgeBase,
    files: dict[str, Path],
    revise: Callable[[], None],
    look: Callable[[str], dict[str, set[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    revise()
    unpublished(filled, monkeypatch)
    [report] = filled.ingest([files["opinion"]], workers=1, collection="open").documents
    assert everywhere(look("")) == {OLD}
    filled.remove([str(report.document_id)])
    assert everywhere(look("")) == set()
    assert everywhere(look("restricted")) == set()


def test_a_version_replaced_twice_is_found_until_the_last_is_removed(
    filled: KnowledgeBase,
    files: dict[str, Path],
    revise: Callable[[], None],
    look: Callable[[str], dict[str, set[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unpublished(filled, monkeypatch)
    revise()
    [middle] = filled.ingest([files["opinion"]], workers=1, collection="open").documents
    path = files["opinion"]
    path.write_bytes(path.read_bytes() + "\n（八）再次修改。\n".encode())
    [last] = filled.ingest([path], workers=1, collection="open").documents
    assert last.document_id != middle.document_id
    assert everywhere(look("")) == {OLD}
    filled.remove([str(last.document_id)])
    assert everywhere(look("")) == set()


def test_a_document_that_is_read_again_is_found_all_along(
    filled: KnowledgeBase,
    files: dict[str, Path],
    look: Callable[[str], dict[str, set[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        unpublished(filled, patch)
        filled.ingest([files["opinion"]], force=True, workers=1, collection="open")
        assert everywhere(look("")) == {OLD}
    assert filled.verify().checked["documents"] == 2
    filled.search(QUESTION)
    assert filled.verify().ok
    assert everywhere(look("")) == {OLD}


def test_what_is_named_outright_is_shown_in_one_version(
    filled: KnowledgeBase,
    files: dict[str, Path],
    revise: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    title = next(info.title for info in filled.documents() if not info.name.endswith(".md"))
    revise()
    unpublished(filled, monkeypatch)
    filled.ingest([files["opinion"]], workers=1, collection="open")
    with KnowledgeBase.open(filled.home, read_only=True) as base:
        ids = {info.document_id for info in base.documents(Filters(), replaced=True)}
        assert len(ids) == 3
        for query in (f"《{title}》", f"《{title}》{QUESTION}"):
            hits = base.search(query).hits
            named = {hit.document_id for hit in hits if hit.title == title}
            assert len(named) == 1, query
