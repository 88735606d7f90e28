"""The clauses page in each of its views, run by Streamlit's test runner over a real base."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from kb import ClauseInfo, KnowledgeBase
from ui.web.clauses import heatmap
from ui.web.text import WORDS

HOSTILE = "<script>alert(1)</script>"
RULES = f"""港口管理办法

第一章　总则
第一条　港口经营人应当在2026年6月底前完成改造。（国家发改委牵头，海关总署、银保监会参加）
第二条　不得使用{HOSTILE}的设备。根据《海上交通规定》，交通运输部负责监督。
第三条　鼓励企业使用清洁能源。
"""
MANY = "长文件\n\n" + "".join(f"第{n}条　企业应当登记第{n}项。\n" for n in range(1, 46))
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def base_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clauses")
    (folder / "办法.txt").write_text(RULES, encoding="utf-8")
    (folder / "长.txt").write_text(MANY, encoding="utf-8")
    with KnowledgeBase.open(folder / "home") as base:
        assert base.ingest([folder / "办法.txt", folder / "长.txt"]).failed == 0
    return folder / "home"


def clauses_page() -> None:
    """Run by Streamlit as a script of its own: its test runner opens file-based pages only."""
    from ui.web import clauses

    clauses.page()


@pytest.fixture
def opened(base_home: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the page with what its address holds."""
    monkeypatch.setenv("POLICYKB_HOME", str(base_home))
    st.cache_resource.clear()
    st.cache_data.clear()

    def open_page(**query: str) -> AppTest:
        app = AppTest.from_function(clauses_page, default_timeout=300)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return open_page


def shown(app: AppTest) -> str:
    assert not app.exception
    spoken = (*app.get("html"), *app.markdown, *app.caption, *app.info)
    return "\n".join(str(element.value) for element in spoken)


def document(app: AppTest, name: str) -> str:
    with KnowledgeBase.open() as base:
        return next(one.document_id for one in base.documents() if one.name == name)


def test_every_clause_is_listed_a_page_at_a_time(opened: Open) -> None:
    app = opened()
    assert "48 条，显示第 1–20 条" in shown(app)
    app = opened(n="3")
    assert "显示第 41–48 条" in shown(app)
    assert "显示第 41–48 条" in shown(opened(n="99"))


def test_a_body_is_found_by_a_former_name_and_says_how(opened: Open) -> None:
    app = opened(ministry="银保监会")
    said = shown(app)
    assert "1 条 · 文中又作" in said
    assert "国家金融监督管理总局" in said
    assert "没有符合条件的条款" in shown(opened(ministry="银保监会", role="lead"))


def test_the_address_follows_the_controls(opened: Open) -> None:
    app = opened()
    app.selectbox(key="clauses-ministry").select("海关总署").run()
    app.segmented_control(key="clauses-role").set_value("participant").run()
    app.selectbox(key="clauses-obligation").select("must").run()
    held = dict(app.query_params)
    assert held == {"ministry": "海关总署", "role": "participant", "obligation": "must"}
    again = opened(**held)
    assert "第一条" in shown(again)
    assert again.segmented_control(key="clauses-role").value == "participant"


def test_filters_are_cleared_at_once(opened: Open) -> None:
    app = opened(obligation="encourage", due="2026-12-31", since="2001-02-03")
    assert app.date_input(key="clauses-since").value == date(2001, 2, 3)
    next(button for button in app.button if button.label == "清除筛选").click().run()
    assert "48 条" in shown(app)
    assert dict(app.query_params) == {}


@pytest.mark.parametrize(
    "query", [{"view": "x", "role": "x", "n": "-1", "due": "soon"}, {"document": "nothing"}]
)
def test_an_address_that_makes_no_sense_shows_all(opened: Open, query: dict[str, str]) -> None:
    assert "48 条" in shown(opened(**query))


def test_what_a_clause_asks_stands_with_it(opened: Open) -> None:
    said = shown(opened(text="完成改造"))
    for label in ("牵头</b> 国家发展和改革委员会", "参与</b>", "应当", "2026-06-30"):
        assert label in said


def test_markup_of_a_document_is_shown_not_obeyed(opened: Open) -> None:
    for view in ("list", "matrix", "timeline"):
        assert "<script" not in shown(opened(text="设备", view=view))
    assert "&lt;script&gt;" in shown(opened(text="设备"))


def test_words_asked_for_are_marked(opened: Open) -> None:
    assert "<mark>清洁能源</mark>" in shown(opened(text="清洁能源"))


def test_choosing_a_clause_puts_it_in_the_address(opened: Open) -> None:
    app = opened(ministry="交通运输部")
    next(button for button in app.button if button.label.startswith("看原文")).click().run()
    held = str(app.query_params["clause"])
    clause_id, _, document_id = held.partition("@")
    assert document_id == document(app, "办法.txt")
    code = "\n".join(str(each.value) for each in opened(clause=held).code)
    assert "[Z]" in code
    assert clause_id in code


def test_a_clause_that_is_gone_is_not_missed(opened: Open) -> None:
    assert "48 条" in shown(opened(clause="gone@0123456789abcdef"))


def test_the_matrix_is_of_the_clauses_asked_for(opened: Open) -> None:
    app = opened(view="matrix")
    assert app.get("vega_lite_chart")
    assert "4 个部门、2 条" in shown(app)
    fewer = opened(view="matrix", text="设备")
    assert "1 个部门、1 条" in shown(fewer)
    assert "没有写明负责部门" in shown(opened(view="matrix", text="清洁能源"))


def test_cells_have_the_strongest_role_and_every_role(base_home: Path) -> None:
    with KnowledgeBase.open(base_home) as base:
        matrix = base.matrix()
    cells = heatmap.cells_of(matrix, range(len(matrix.clauses)))
    roles = {cell["body"]: cell["role"] for cell in cells}
    assert roles["国家发展和改革委员会"] == "牵头"
    assert roles["海关总署"] == "参与"
    assert {cell["column"] for cell in cells} == {"0000|一", "0001|二"}


def test_the_timeline_has_the_deadlines(opened: Open) -> None:
    app = opened(view="timeline")
    table = app.dataframe[0].value
    assert table["截止"].tolist() == [date(2026, 6, 30)]
    assert table["原文"].tolist() == ["2026年6月底前"]
    assert "没有写明时限" in shown(opened(view="timeline", text="清洁能源"))
    assert "没有写明时限" in shown(opened(view="timeline", due="2020-01-01"))


def test_lineage_wants_a_document_and_shows_both_sides(opened: Open) -> None:
    app = opened(view="lineage")
    assert "在上方选择一份文件" in shown(app)
    app = opened(view="lineage", document=document(app, "办法.txt"))
    assert "海上交通规定" in shown(app)
    assert "不在文库" in shown(app)
    assert app.dataframe[0].value["原文"].tolist() == ["《海上交通规定》"]
    assert "<mark>根据《海上交通规定》，交通运输部负责监督。</mark>" in shown(app)
    nothing = opened(view="lineage", document=document(app, "长.txt"))
    assert "没有发现它与其他文件的关系" in shown(nothing)


def test_english_says_the_same(opened: Open) -> None:
    app = opened(ministry="海关总署")
    app.session_state["lang"] = "English"
    app.run()
    said = shown(app)
    assert "Participant</b>" in said
    assert [one.label for one in app.selectbox][:2] == ["Responsible body", "Document"]


def click(app: AppTest, *cells: dict[str, str]) -> AppTest:
    """Send what a browser sends when cells of the page's chart are chosen."""
    chart = app.get("vega_lite_chart")[0]
    sent = json.dumps({"selection": {"cell": cells}})
    state = WidgetState(id=chart.proto.id, string_value=sent)
    states = app._tree.get_widget_states()
    states.widgets.append(state)
    return app._run(states)


def test_a_click_on_a_cell_is_told_of_once(opened: Open) -> None:
    app = opened(view="matrix")
    with KnowledgeBase.open(Path(os.environ["POLICYKB_HOME"]), read_only=True) as base:
        first, second = _two(base)
    click(app, _cell(first))
    assert app.session_state["clauses-clause"] == f"{first.clause_id}@{first.document_id}"
    app.session_state["clauses-clause"] = f"{second.clause_id}@{second.document_id}"
    click(app, _cell(first))
    assert app.session_state["clauses-clause"] == f"{second.clause_id}@{second.document_id}"
    click(app)
    click(app, _cell(first))
    assert app.session_state["clauses-clause"] == f"{first.clause_id}@{first.document_id}"


def _two(base: KnowledgeBase) -> tuple[ClauseInfo, ClauseInfo]:
    first, second = (one for one in base.clauses(limit=100).clauses if one.responsibility)
    return first, second


def _cell(clause: ClauseInfo) -> dict[str, str]:
    return {"clause_id": clause.clause_id, "document_id": clause.document_id, "body": "any"}


def test_no_word_of_one_page_hides_another_s() -> None:
    from ui.web.words import clauses, common, comparing, keeping, reading

    pages = (common.COMMON, reading.READING, clauses.CLAUSES, comparing.COMPARING, keeping.KEEPING)
    assert set(WORDS) == {key for words in pages for key in words}
    assert len(WORDS) == sum(map(len, pages))
