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
def sample_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the sample knowledge base the one the UI opens."""
    monkeypatch.setenv("POLICYKB_HOME", str(home))
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def open_page(sample_home: None) -> Open:
    """Return a function that opens the UI over the sample knowledge base."""

    def opened(**query: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=300)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return opened


def shown(app: AppTest) -> str:
    """Return everything the page says, as one string."""
    assert not app.exception
    spoken = (*app.get("html"), *app.markdown, *app.subheader, *app.caption)
    return "\n".join(str(element.value) for element in spoken)


def test_ask_page_offers_questions_the_documents_answer(open_page: Open) -> None:
    app = open_page()
    examples = [button.label for button in app.button if button.key.startswith("example-")]
    assert examples
    assert any("数字贸易" in example or "数据出境" in example for example in examples)


def test_a_question_is_answered_with_its_page_beside_it(open_page: Open) -> None:
    app = open_page()
    app.text_input(key="ask-question").input("沿海港口完成货物吞吐量多少亿吨？")
    app.button[0].click().run()
    assert "53.2亿吨" in shown(app)
    assert any("第 1 页" in button.label for button in app.button)
    assert "data:image/png;base64," in shown(app)


def test_a_question_in_the_address_is_answered(open_page: Open) -> None:
    assert "53.2亿吨" in shown(open_page(q="沿海港口完成货物吞吐量多少亿吨？"))


def test_a_refusal_says_why(open_page: Open) -> None:
    app = open_page(q="火星基地的氧气产量是多少？")
    assert app.warning


def test_the_language_switch_changes_the_words(open_page: Open) -> None:
    app = open_page()
    assert any(button.label == "提问" for button in app.button)
    app.session_state["lang"] = "English"
    app.run()
    assert any(button.label == "Ask" for button in app.button)


def test_the_language_of_the_address_is_the_page_s(open_page: Open) -> None:
    app = open_page(lang="en")
    assert any(button.label == "Ask" for button in app.button)
    assert app.query_params["lang"] == "en"
    app.session_state["lang"] = "中文"
    app.run()
    assert any(button.label == "提问" for button in app.button)
    assert "lang" not in app.query_params


@pytest.mark.parametrize(("lang", "said"), [("zh", "设置有误"), ("en", "A setting makes no sense")])
def test_an_error_is_told_in_the_page_s_language_with_its_message(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, said: str
) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "policykb.toml").write_text("no_such = 1\n", encoding="utf-8")
    monkeypatch.setenv("POLICYKB_HOME", str(tmp_path / "odd"))
    error = open_page(lang=lang).error[0].value
    assert error.startswith(f"**{said}**")
    assert "unknown setting" in error


def test_an_empty_library_says_what_to_do_first(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYKB_HOME", str(tmp_path / "new"))
    assert "文库还是空的" in shown(open_page())


def search_page() -> None:
    """Run by Streamlit as a script of its own: its test runner opens file-based pages only."""
    from ui.web import search

    search.page()


def library_page() -> None:
    """As `search_page`."""
    from ui.web import library

    library.page()


def test_search_shows_marked_passages_and_the_first_ones_page(sample_home: None) -> None:
    app = AppTest.from_function(search_page, default_timeout=300).run()
    app.text_input(key="search-q").input("数据出境").run()
    assert "<mark>数据出境</mark>" in shown(app)
    assert "data:image/png;base64," in shown(app)


def test_library_lists_the_documents(sample_home: None) -> None:
    app = AppTest.from_function(library_page, default_timeout=300).run()
    assert "港口简报.pdf" in app.dataframe[0].value["文件名"].tolist()


def test_a_page_turned_to_in_another_view_is_forgotten(sample_home: None) -> None:
    app = AppTest.from_function(search_page, default_timeout=300)
    app.session_state["evidence_page"] = 9
    app.run()
    app.text_input(key="search-q").input("数据出境").run()
    assert not app.error
    assert "data:image/png;base64," in shown(app)
