"""The pages for diff and check, run by Streamlit's test runner over a real base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from kb import Change, ComparedClause, KnowledgeBase, Upload, WordChange
from ui.web.comparing.check import finding_html
from ui.web.comparing.diff import change_html
from ui.web.comparing.wording import in_chinese

HOSTILE = "<script>alert(1)</script>"
OLD = f"""港口管理办法

第一条　港口经营人应当建立数据台账，并按月报送。
第二条　不得使用{HOSTILE}的设备。
第三条　鼓励企业使用清洁能源。
"""
NEW = OLD.replace("建立数据台账", "建立健全数据台账").replace("第三条　鼓励", "第三条　支持")
DRAFT = "《港口管理办法》提出“港口经营人应当建立完善数据台账，并按月报送”，见交港发〔2023〕9号。"
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def base_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comparing")
    for name, text in (("旧.txt", OLD), ("新.txt", NEW), ("稿.txt", DRAFT)):
        (folder / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(folder / "home") as base:
        report = base.ingest([folder / name for name in ("旧.txt", "新.txt", "稿.txt")])
    assert report.failed == 0
    return folder / "home"


def diff_page() -> None:
    """Run by Streamlit as a script of its own: its test runner opens file-based pages only."""
    from ui.web.comparing import diff

    diff.page()


def check_page() -> None:
    """As `diff_page`."""
    from ui.web.comparing import check

    check.page()


@pytest.fixture
def opened(base_home: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens a page with what its address holds."""
    monkeypatch.setenv("POLICYKB_HOME", str(base_home))
    st.cache_resource.clear()
    st.cache_data.clear()

    def open_page(script: Callable[[], None], **query: str) -> AppTest:
        app = AppTest.from_function(script, default_timeout=300)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return open_page


@pytest.fixture
def ids(base_home: Path) -> dict[str, str]:
    with KnowledgeBase.open(base_home) as base:
        return {one.name: one.document_id for one in base.documents()}


def shown(app: AppTest) -> str:
    assert not app.exception
    spoken = (*app.get("html"), *app.markdown, *app.caption, *app.info, *app.success)
    return "\n".join(str(element.value) for element in spoken)


def pills(app: AppTest) -> list[str]:
    [group] = [each for each in app.button_group if (each.key or "").endswith("-show")]
    return list(group.options)


def test_diff_waits_for_two_documents(opened: Open, ids: dict[str, str]) -> None:
    app = opened(diff_page)
    assert "选两份文件" in shown(app)
    app.selectbox(key="diff-old").select(ids["旧.txt"]).run()
    assert "选两份文件" in shown(app)
    app.selectbox(key="diff-new").select(ids["旧.txt"]).run()
    assert "同一份文件" in shown(app)


def test_diff_marks_the_words_and_counts(opened: Open, ids: dict[str, str]) -> None:
    app = opened(diff_page, old=ids["旧.txt"], new=ids["新.txt"])
    said = shown(app)
    assert "<ins>健全</ins>" in said or "健全" in said.split("<ins>")[1]
    assert "&lt;script&gt;" not in said
    assert pills(app) == ["修改 2", "未变 2"]
    assert dict(app.query_params) == {"old": ids["旧.txt"], "new": ids["新.txt"]}


def test_diff_shows_the_statuses_asked_for(opened: Open, ids: dict[str, str]) -> None:
    app = opened(diff_page, old=ids["旧.txt"], new=ids["新.txt"], show="unchanged")
    said = shown(app)
    assert "&lt;script&gt;" in said
    assert "<script" not in said
    assert "健全" not in said


def test_diff_of_a_document_that_is_gone_asks_again(opened: Open, ids: dict[str, str]) -> None:
    app = opened(diff_page, old="0123456789abcdef", new=ids["新.txt"])
    assert "选两份文件" in shown(app)


def test_what_was_only_moved_has_no_marks() -> None:
    clause = ComparedClause("a", "d", "第一条", ("总则",), "正文<b>", 1, ())
    html = change_html(Change("moved", clause, clause, (WordChange("equal", "正文", "正文"),)))
    assert "<ins>" not in html
    assert "<del>" not in html
    assert html.count("正文&lt;b&gt;") == 2
    assert "总则 › 第一条" in html


def test_a_side_that_is_absent_is_so() -> None:
    clause = ComparedClause(None, "d", None, (), "新的一段", 1, ())
    html = change_html(Change("added", None, clause, (WordChange("insert", "", "新的一段"),)))
    assert "—" in html
    assert "（段落）" in html
    assert "kb-added" in html


def test_check_of_pasted_text(opened: Open) -> None:
    app = opened(check_page)
    assert "核对稿件里的" in shown(app)
    app.text_area(key="check-text").input(DRAFT)
    app.button[0].click().run()
    said = shown(app)
    assert pills(app) == ["有出入 1", "未找到 1", "一致 1"]
    assert "<ins>完善</ins>" in said
    assert "文库中没有这个文号" in said
    assert "no document here" not in said


def test_check_of_a_document_of_the_library_is_in_the_address(
    opened: Open, ids: dict[str, str]
) -> None:
    app = opened(check_page, source="library", document=ids["稿.txt"], show="altered")
    said = shown(app)
    assert "<ins>完善</ins>" in said
    assert "交港发" not in said
    buttons = [button for button in app.button if (button.key or "").startswith("check-match-0-")]
    assert buttons
    buttons[-1].click().run()
    assert "文库原文" in shown(app)


def test_check_says_where_there_is_nothing_to_check(opened: Open, ids: dict[str, str]) -> None:
    app = opened(check_page)
    app.text_area(key="check-text").input("没有引文的一句话。")
    app.button[0].click().run()
    assert "没有可以核对" in shown(app)


def test_every_finding_is_said_in_chinese_and_escaped(base_home: Path) -> None:
    drafts = (
        DRAFT,
        "“第二条不得使用<script>alert(1)</script>的装备”与《港口管理规定》《不存在的办法》。",
        "交港发〔2024〕1号《港口管理办法》",
    )
    with KnowledgeBase.open(base_home) as base:
        for draft in drafts:
            for finding in base.check(Upload("draft.txt", draft.encode())).findings:
                html = finding_html(finding)
                assert "<script" not in html
                said = in_chinese(finding.message)
                assert not any("a" <= char <= "z" for char in said), said


def test_a_message_of_no_known_form_stays() -> None:
    assert in_chinese("something new") == "something new"
    assert in_chinese("these words are in no document here; something new") == (
        "文库中没有这段文字；something new"
    )
