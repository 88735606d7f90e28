"""The pages and their states: where each is, and what is done to bring it about."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page

Step = Callable[[Page], None]
QUESTION = "车企想规避汇率风险，政策给了什么支持？"
QUESTIONS = Path(__file__).parents[2] / "corpus" / "questions.jsonl"
#: The button that shows the passages around one, in either language.
AROUND = ":is(.stPopover button:has-text('上下文'), .stPopover button:has-text('Around it'))"
REFUSED = "火星基地的氧气产量是多少？"
DRAFT = (
    "意见提出，“银行要改进外汇产品，主动上门，满足整车与电池企业的套期保值需要”，"
    "“地方和行业组织应当提供咨询一类的公共服务，让企业接受汇率风险中性的观念”；"
    "商贸发〔2023〕300号文件另有要求。"
)


@dataclass(frozen=True, slots=True)
class State:
    """One state of one page; `still` waits until nothing moves.

    `{name}` in a path stands for the id of the sample file of that name.
    """

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
        # Whether it is in or failed, the list of uploads can be put away then.
        page.wait_for_selector(".st-key-uploads button")
        page.wait_for_selector(".st-key-uploads [role=progressbar]", state="detached")

    return step


def measure(page: Page) -> None:
    """Have the samples' own questions measured."""
    page.locator('input[type="file"]').first.set_input_files(str(QUESTIONS))
    page.wait_for_timeout(2500)
    page.locator('[data-testid="stFormSubmitButton"] button').click()
    # The results of a run before stay until this one has begun.
    page.wait_for_selector('[data-testid="stProgress"]')
    page.wait_for_selector('[data-testid="stDownloadButton"]', timeout=600_000)


STATES = (
    State("ask-empty", "/", home="empty"),
    State("ask-start", "/"),
    State("ask-answer", f"/?q={quote(QUESTION)}&cite=2"),
    State("ask-follow", f"/?q={quote(QUESTION)}&q={quote('由哪些部门负责？')}"),
    State("ask-refusal", f"/?q={quote(REFUSED)}"),
    State("ask-loading", f"/?q={quote(QUESTION)}", home="waiting", still=False),
    State("ask-error", "/", home="broken"),
    State("ask-cite", f"/?q={quote(QUESTION)}", (click(".st-key-page-bar .stPopover button"),)),
    State("search-start", "/search"),
    State("search-results", f"/search?q={quote('新能源汽车')}"),
    State("search-around", f"/search?q={quote('汇率避险')}", (click(AROUND),)),
    State("search-nothing", "/search?q=qqzzx"),
    State("search-long", f"/search?q={quote('逐月汇总货物吞吐量')}"),
    State("clauses-list", "/clauses"),
    State("clauses-filters", "/clauses", (click("[data-testid=stPopover] button", 0),)),
    State("clauses-matrix", "/clauses?view=matrix"),
    State("clauses-timeline", "/clauses?view=timeline"),
    State("clauses-lineage", "/clauses?view=lineage&document={nev_opinion_digest.pdf}"),
    State("clauses-none", f"/clauses?text={quote('火星基地')}"),
    State("diff-start", "/diff"),
    State("diff-result", "/diff?old={港口办法（2023）.md}&new={港口办法（2026）.md}"),
    State("check-start", "/check"),
    State("check-result", "/check", (paste,)),
    State("library-empty", "/library", home="empty"),
    State("library-list", "/library"),
    State("library-failed", "/library", (upload("坏文件.pdf", "not a PDF"),)),
    State("document-read", "/library?doc={new_quality_trade.pdf}"),
    State("document-facts", "/library?doc={new_quality_trade.pdf}&part=facts"),
    State("document-parsed", "/library?doc={new_quality_trade.pdf}&part=parsed"),
    State("document-versions", "/library?doc={new_quality_trade.pdf}&part=versions"),
    State("document-wide", "/library?doc={沿海港口统计表.md}&part=parsed"),
    State("evaluate-start", "/evaluate"),
    State("evaluate-results", "/evaluate", (measure,)),
    State("settings", "/settings"),
    State("settings-low", "/settings", (wheel(900),)),
    State("settings-error", "/settings", home="broken"),
)  # fmt: skip

#: Pictures of docs/ui.md: a state, a size, a language and a theme each.
DOCS = {
    "ask.png": ("ask-answer", "wide", "zh", "light"),
    "ui-search.png": ("search-results", "wide", "zh", "light"),
    "ui-library.png": ("library-list", "wide", "zh", "light"),
    "ui-document.png": ("document-read", "wide", "zh", "light"),
    "ui-matrix.png": ("clauses-matrix", "wide", "zh", "light"),
    "ui-timeline.png": ("clauses-timeline", "wide", "zh", "light"),
    "ui-lineage.png": ("clauses-lineage", "wide", "zh", "light"),
    "ui-diff.png": ("diff-result", "wide", "zh", "light"),
    "ui-check.png": ("check-result", "wide", "zh", "light"),
    "ui-evaluate.png": ("evaluate-results", "wide", "zh", "light"),
    "ui-settings.png": ("settings", "wide", "zh", "light"),
    "ui-ask-dark-en.png": ("ask-answer", "wide", "en", "dark"),
    "ui-matrix-dark-en.png": ("clauses-matrix", "wide", "en", "dark"),
    "ui-ask-phone-en.png": ("ask-answer", "phone", "en", "light"),
    "ui-search-phone-en.png": ("search-results", "phone", "en", "light"),
    "ui-clauses-phone-dark.png": ("clauses-list", "phone", "zh", "dark"),
}
