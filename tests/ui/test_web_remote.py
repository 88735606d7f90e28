"""The web UI over a knowledge base behind a server, with keys that may all or little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui
from kb import KBError, KnowledgeBase
from ui.remote import RemoteKnowledgeBase
from ui.web.opened import knowledge_base

APP = Path(ui.__file__).parent / "app.py"
QUESTION = "沿海港口完成货物吞吐量多少亿吨？"
Connect = Callable[[str], None]


@pytest.fixture
def live(serve: Any) -> Any:
    return serve(require_keys=True)


@pytest.fixture
def connect(live: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Return what points the UI at the server, with a key; no home is there to be opened."""

    def connected(key: str) -> None:
        monkeypatch.setenv("POLICYKB_HOME", str(tmp_path / "none"))
        monkeypatch.setenv("POLICYKB_SERVER", live.url)
        monkeypatch.setenv("POLICYKB_SERVER_KEY", key)
        st.cache_resource.clear()
        st.cache_data.clear()

    yield connected
    assert not (tmp_path / "none").exists()
    with suppress(KBError):
        knowledge_base().close()  # type: ignore[attr-defined]
    st.cache_resource.clear()
    st.cache_data.clear()


def script(name: str) -> None:
    """Run by Streamlit as a script of its own: its test runner opens file-based pages only."""
    from importlib import import_module

    import_module(f"ui.web.{name}").page()


def opened(name: str, **query: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=300, args=(name,))
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def shown(app: AppTest) -> str:
    """Return everything the page says, as one string."""
    assert not app.exception
    kinds: tuple[Any, ...] = (
        app.get("html"),
        app.markdown,
        app.subheader,
        app.caption,
        app.info,
        app.error,
    )
    spoken = (element for kind in kinds for element in kind)
    return "\n".join(str(element.value) for element in spoken).replace("\\", "")


def test_a_question_is_answered_from_afar_with_its_page(connect: Connect, live: Any) -> None:
    connect(live.read)
    app = AppTest.from_file(str(APP), default_timeout=300)
    app.query_params["q"] = QUESTION
    told = shown(app.run())
    assert "53.2亿吨" in told
    assert "data:image/png;base64," in told
    app.text_input(key="ask-question").input("集装箱呢？")
    app.button[0].click().run()
    assert "理解为" in shown(app)
    assert live.read not in told


@pytest.mark.slow
def test_every_page_is_drawn(connect: Connect, live: Any) -> None:
    connect(live.admin)
    with live.client(live.admin) as client:
        ids = {one["name"]: one["document_id"] for one in client.get("/v1/documents").json()}
    notice, report = ids["数字贸易意见.pdf"], ids["港口简报.pdf"]
    found = opened("search", q="数据出境")
    assert "<mark>数据出境</mark>" in shown(found)
    assert any("数字贸易" in option for option in found.selectbox[0].options)
    assert "海关总署" in shown(opened("clauses", ministry="海关总署"))
    for view in ("matrix", "timeline", "lineage"):
        assert not opened("clauses", view=view, document=notice).exception
    assert "货物吞吐量" in shown(opened("comparing.diff", old=notice, new=report))
    assert "kb-status" in shown(opened("comparing.check", source="library", document=notice))
    assert "港口简报.pdf" in opened("library").dataframe[0].value["文件名"].tolist()
    assert "data:image/png;base64," in shown(opened("library", doc=notice))
    for part, said in (("facts", "发文机关"), ("parsed", "paragraph"), ("versions", "版本")):
        app = opened("library", doc=notice, part=part)
        assert not app.error, part
        told = shown(app) + "".join(one.label for one in (*app.text_input, *app.button))
        assert said in told or part != "facts"
    assert not opened("evaluate").error


def test_settings_tell_of_the_server(connect: Connect, live: Any) -> None:
    connect(live.admin)
    app = opened("settings")
    told = shown(app)
    assert live.url in told
    assert "可以检索" in told
    assert "policykb backup" in told
    assert live.admin not in told
    next(one for one in app.button if one.key == "start-verify").click().run()
    until = time.monotonic() + 240
    while not app.success:
        assert time.monotonic() < until
        time.sleep(0.2)
        app.run()
    assert "没有发现问题" in app.success[0].value


def test_facts_are_corrected_from_afar(connect: Connect, live: Any, home: Path) -> None:
    connect(live.admin)
    with KnowledgeBase.open(home) as base:
        number = next(one for one in base.documents() if one.name == "说明.txt").document_id
        app = opened("library", doc=number, part="facts")
        app.text_input[0].input("丹顶鹤保护办法")
        next(one for one in app.button if one.label == "保存").click().run()
        assert "丹顶鹤保护办法" in shown(app)
        assert base.document(number).title == "丹顶鹤保护办法"
        assert base.search("丹顶鹤", mode="lexical").hits


def test_a_key_that_may_only_read_is_offered_no_more(connect: Connect, live: Any) -> None:
    connect(live.read)
    library = opened("library")
    assert "这里只能阅读" in shown(library)
    assert not library.get("file_uploader")
    assert "管理权限的密钥" in shown(opened("evaluate"))
    settings = opened("settings")
    assert "管理权限的密钥" in shown(settings)
    assert not settings.button
    with live.client(live.read) as client:
        number = client.get("/v1/documents").json()[0]["document_id"]
    document = opened("library", doc=number)
    assert "从文库删除" not in {one.label for one in document.button}


def test_a_key_of_one_collection_shows_that_alone(connect: Connect, live: Any, home: Path) -> None:
    with KnowledgeBase.open(home) as base:
        text = "公开说明\n\n第一条　公开的冷库一百座。（商务部负责）\n"
        assert base.ingest_bytes("公开.txt", text.encode(), collection="open").status == "added"
        hidden = next(one for one in base.documents() if "港口" in one.name)
    connect(live.limited)
    library = opened("library")
    assert library.dataframe[0].value["文件名"].tolist() == ["公开.txt"]
    app = AppTest.from_file(str(APP), default_timeout=300)
    app.query_params["q"] = QUESTION
    assert "53.2" not in shown(app.run()).replace(QUESTION, "")
    assert "港口" not in shown(opened("search", q="冷库"))
    assert "海关总署" not in shown(opened("clauses"))
    refused = opened("library", doc=hidden.document_id)
    assert refused.error
    assert hidden.title not in shown(refused)
    assert "open" in shown(opened("settings"))


def test_a_server_that_is_not_there_is_named(
    connect: Connect, live: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(live.read)
    monkeypatch.setenv("POLICYKB_SERVER", "http://127.0.0.1:9")
    app = opened("search")
    assert isinstance(knowledge_base(), RemoteKnowledgeBase)
    assert "127.0.0.1:9" in shown(app)
    monkeypatch.setenv("POLICYKB_SERVER", "nowhere")
    st.cache_resource.clear()
    assert opened("search").error


def test_a_wrong_key_is_not_repeated(connect: Connect, live: Any) -> None:
    wrong = "pkb_" + "1" * 16 + "_" + "2" * 64
    connect(wrong)
    app = opened("library")
    assert "POLICYKB_SERVER_KEY" in shown(app)
    assert wrong not in shown(app)
