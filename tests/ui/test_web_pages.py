"""The web UI's pages, run by Streamlit's own test runner over a real knowledge base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui

APP = Path(ui.__file__).parent / "app.py"
Open = Callable[..., AppTest]


@pytest.fixture
def open_page(home: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the UI over the sample knowledge base."""
    monkeypatch.setenv("POLICYKB_HOME", str(home))
    st.cache_resource.clear()
    st.cache_data.clear()

    def opened(**query: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return opened


def shown(app: AppTest) -> str:
    """Return everything the page says, as one string."""
    assert not app.exception
    parts = [element.value for element in app.get("html")] if app.get("html") else []
    texts = [element.value for element in (*app.markdown, *app.subheader, *app.caption)]
    return "\n".join(str(part) for part in (*parts, *texts))


def test_ask_page_offers_questions_the_documents_answer(open_page: Open) -> None:
    app = open_page()
    examples = [button.label for button in app.button if button.key.startswith("example-")]
    assert examples
    assert any("数字贸易" in example or "数据出境" in example for example in examples)


def test_a_question_is_answered_with_its_page_beside_it(open_page: Open) -> None:
    app = open_page()
    app.text_input(key="q").input("沿海港口完成货物吞吐量多少亿吨？")
    app.button[0].click().run()
    assert "53.2亿吨" in shown(app)
    assert any("第 1 页" in button.label for button in app.button)
    assert app.get("imgs")


def test_a_question_in_the_address_is_answered(open_page: Open) -> None:
    assert "53.2亿吨" in shown(open_page(q="沿海港口完成货物吞吐量多少亿吨？"))


def test_a_refusal_says_why(open_page: Open) -> None:
    app = open_page(q="火星基地的氧气产量是多少？")
    assert app.warning


def test_the_language_switch_changes_the_words(open_page: Open) -> None:
    app = open_page()
    assert any(button.label == "提问" for button in app.button)
    app.button_group(key="lang").set_value(["English"]).run()
    assert any(button.label == "Ask" for button in app.button)


def test_an_empty_library_says_what_to_do_first(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYKB_HOME", str(tmp_path / "new"))
    assert "文库还是空的" in shown(open_page_at(tmp_path / "new", monkeypatch))


def open_page_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("POLICYKB_HOME", str(home))
    st.cache_resource.clear()
    st.cache_data.clear()
    return AppTest.from_file(str(APP), default_timeout=60).run()
