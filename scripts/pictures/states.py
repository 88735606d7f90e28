"""The pages and their states: where each is, and what is done to bring it about."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page

Step = Callable[[Page], None]
QUESTION = "车企想规避汇率风险，政策给了什么支持？"
REFUSED = "火星基地的氧气产量是多少？"
DRAFT = (
    "《关于支持新能源汽车贸易合作健康发展的意见》提出，“鼓励新能源汽车企业与境内外科研机构开展合作”，"
    "商贸发〔2023〕300号文件要求“加强汇率避险服务”。"
)


@dataclass(frozen=True, slots=True)
class State:
    """One state of one page; `still` waits until nothing moves."""

    name: str
    path: str
    steps: tuple[Step, ...] = ()
    home: str = "samples"
    still: bool = True


def click(test_id: str, number: int = 0) -> Step:
    """Return the step that presses the part of a page known by a key."""
    return lambda page: page.locator(test_id).nth(number).click()


def wheel(to: int) -> Step:
    """Return the step that scrolls the page down."""
    return lambda page: page.evaluate(
        "to => document.querySelector('[data-testid=\"stMain\"]').scrollTo(0, to)", to
    )


def choose(label_at: int, typed: str) -> Step:
    """Return the step that types into a list and takes the first that fits."""

    def step(page: Page) -> None:
        field = page.locator('[data-testid="stSelectbox"] input').nth(label_at)
        field.fill(typed)
        page.wait_for_timeout(600)
        field.press("Enter")

    return step


def paste(page: Page) -> None:
    """Paste a draft and have it checked."""
    page.locator("textarea").fill(DRAFT)
    page.locator('[data-testid="stFormSubmitButton"] button').click()


def upload(name: str, text: str) -> Step:
    """Return the step that gives a file to a page."""

    def step(page: Page) -> None:
        path = Path(tempfile.mkdtemp(prefix="policykb-")) / name
        path.write_text(text, "utf-8")
        page.locator('input[type="file"]').first.set_input_files(str(path))
        page.wait_for_timeout(2500)

    return step


def measure(page: Page) -> None:
    """Have a question file measured."""
    rows = [
        {"question": QUESTION, "type": "细节", "doc": "新能源", "gold": ["汇率避险"],
         "answer": "汇率避险"},
        {"question": REFUSED, "type": "无答案", "doc": None, "gold": [], "answer": None},
        {"question": "沿海港口由谁报送？", "type": "细节", "doc": "沿海港口", "gold": ["次月二十日"],
         "answer": "次月二十日"},
    ]  # fmt: skip
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    upload("questions.jsonl", text)(page)
    page.locator('[data-testid="stFormSubmitButton"] button').click()
    page.wait_for_selector('[data-testid="stDownloadButton"]')


SUBMIT = '[data-testid="stTextInput"] input'
ROW = '[data-testid="stDataFrame"] canvas'


def open_document(page: Page) -> None:
    """Open the first document of the list."""
    page.locator(ROW).first.click(position={"x": 60, "y": 52})
    page.wait_for_url("**doc=*")


def part(name: str) -> Step:
    """Return the step that goes to a part of a document."""

    def step(page: Page) -> None:
        open_document(page)
        page.goto(f"{page.url}&part={name}")

    return step


def old_and_new(page: Page) -> None:
    """Choose two documents to compare."""
    for side, typed in ((0, "新能源"), (1, "贸易")):
        choose(side, typed)(page)
        page.wait_for_timeout(800)


STATES = (
    State("ask-empty", "/", home="empty"),
    State("ask-start", "/"),
    State("ask-answer", f"/?q={quote(QUESTION)}"),
    State("ask-follow", f"/?q={quote(QUESTION)}&q={quote('由哪些部门负责？')}"),
    State("ask-refusal", f"/?q={quote(REFUSED)}"),
    State("ask-loading", f"/?q={quote(QUESTION)}", home="waiting", still=False),
    State("ask-error", "/", home="broken"),
    State("ask-cite", f"/?q={quote(QUESTION)}", (click(".st-key-page-bar [data-testid=stPopover] button"),)),
    State("search-start", "/search"),
    State("search-results", f"/search?q={quote('新能源汽车')}"),
    State("search-around", f"/search?q={quote('汇率避险')}", (click(".st-key-around button"),)),
    State("search-nothing", "/search?q=qqzzx"),
    State("search-long", f"/search?q={quote('逐月汇总货物吞吐量')}"),
    State("clauses-list", "/clauses"),
    State("clauses-filters", "/clauses", (click("[data-testid=stPopover] button", 0),)),
    State("clauses-matrix", "/clauses?view=matrix"),
    State("clauses-timeline", "/clauses?view=timeline"),
    State("clauses-lineage", "/clauses?view=lineage", (choose(1, "新能源"),)),
    State("clauses-none", f"/clauses?text={quote('火星基地')}"),
    State("diff-start", "/diff"),
    State("diff-result", "/diff", (old_and_new,)),
    State("check-start", "/check"),
    State("check-result", "/check", (paste,)),
    State("library-empty", "/library", home="empty"),
    State("library-list", "/library"),
    State("library-failed", "/library", (upload("坏文件.pdf", "not a PDF"),)),
    State("document-read", "/library", (open_document,)),
    State("document-facts", "/library", (part("facts"),)),
    State("document-parsed", "/library", (part("parsed"),)),
    State("document-versions", "/library", (part("versions"),)),
    State("evaluate-start", "/evaluate"),
    State("evaluate-results", "/evaluate", (measure,)),
    State("settings", "/settings"),
    State("settings-low", "/settings", (wheel(900),)),
    State("settings-error", "/settings", home="broken"),
)  # fmt: skip

#: Pictures of docs/ui.md: a state, a size, a language and a theme each.
DOCS = {
    "ask.png": ("ask-answer", "wide", "zh", "light"),
}
