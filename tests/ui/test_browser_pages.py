"""The main job of each page, done in a real browser over a real server."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pymupdf
import pytest

from kb import KnowledgeBase

playwright_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install playwright"
)
sys.path.insert(0, str(Path(__file__).parent))

from browsing import PATIENCE, launch, serving, settled  # noqa: E402
from conftest import write_long_pdf, write_pdf  # noqa: E402
from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    # What Playwright leaves for the garbage collector is not ours to close.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
expect.set_options(timeout=PATIENCE)
QUESTION = "沿海港口完成货物吞吐量多少亿吨？"
#: What offers references, in either language.
CITE = re.compile("引用|Cite")
#: Milliseconds that hundreds of pages may take to be read beside whatever else the machine does.
LONGEST = 900_000
PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 "
    "Mobile Safari/537.36"
)
LATER = [
    "冷链物流发展通知",
    "第一条　到2030年冷库总容量达到3.4亿立方米。（国家发展改革委负责）",
]
#: Two pages of one document, the second with what is asked for.
LONGER = [
    ["林业发展规划", "一、总体要求", "规划期为五年，分两个阶段实施。"],
    ["二、主要目标", "到2030年全国森林覆盖率达到24.1%，由国家林草局负责。"],
]


def write_pages(path: Path, pages: list[list[str]]) -> None:
    """Typeset several pages as `write_pdf` does one."""
    with pymupdf.open() as whole:
        for number, paragraphs in enumerate(pages):
            one = path.with_suffix(f".{number}.pdf")
            write_pdf(one, paragraphs)
            with pymupdf.open(one) as part:
                whole.insert_pdf(part)
            one.unlink()
        whole.save(path)


#: The name, whether a ring is drawn around it, and the tag of what has the focus.
FOCUSED = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    const text = element.getAttribute('aria-label') || [...element.querySelectorAll('p, span')]
        .map(part => part.innerText).filter(part => /[\\u4e00-\\u9fff]/.test(part))[0] || '';
    const ring = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
    return [(text || element.innerText).trim(), ring, element.tagName];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, files: dict[str, Path]) -> Iterator[str]:
    home = tmp_path_factory.mktemp("browsed") / "home"
    two = home.parent / "林业规划.pdf"
    write_pages(two, LONGER)
    with KnowledgeBase.open(home) as base:
        assert base.ingest([*files.values(), two]).failed == 0
    with serving(home) as url:
        yield url


@pytest.fixture
def asked() -> list[str]:
    """Hold the addresses that a page asked for."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, asked: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    context.close()


#: Whether the page image is there, and its frame shows the place of the mark.
WITHIN_FRAME = """() => {
    const image = document.querySelector('.kb-sheet img');
    const frame = document.querySelector('.kb-pages')?.getBoundingClientRect();
    const mark = document.querySelector('.kb-here')?.getBoundingClientRect();
    return image?.complete && frame && mark
        && mark.top >= frame.top - 1 && mark.bottom <= frame.bottom;
}"""


#: Whether the name of the open page is on the screen from its left to its right.
NAME_IN_VIEW = """() => {
    const name = document.querySelector('.st-key-pages a[aria-current="page"]');
    const { left, right } = name.getBoundingClientRect();
    return left >= 0 && right <= innerWidth;
}"""


def link_to_page(page: Page) -> str:
    """Return the address of the page that is shown, from what is offered to be copied."""
    page.locator(".st-key-page-bar").get_by_role("button", name=CITE).first.click()
    link = page.locator('[data-testid="stCode"]').nth(3)
    expect(link).to_contain_text("http://")
    return link.inner_text().strip()


def test_a_question_gets_an_answer_and_its_page_with_the_mark_in_view(page: Page) -> None:
    page.goto("/")
    settled(page)
    page.get_by_label("向文库提问").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".kb-answer")).to_contain_text("53.2亿吨")
    expect(page.locator(".kb-sheet img")).to_be_visible()
    page.wait_for_function(WITHIN_FRAME)


def test_an_answer_s_address_is_reloaded_and_a_follow_up_asked(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    expect(page.locator(".kb-answer")).to_contain_text("53.2亿吨")
    settled(page)
    page.get_by_label("接着问").fill("集装箱呢？")
    page.keyboard.press("Enter")
    expect(page.locator(".kb-asked")).to_have_text("集装箱呢？")
    expect(page.get_by_text("之前的问题")).to_be_visible()
    page.wait_for_url(lambda url: "集装箱呢" in unquote(url))
    page.reload()
    expect(page.locator(".kb-asked")).to_have_text("集装箱呢？")
    expect(page.get_by_text("之前的问题")).to_be_visible()


def test_a_refusal_says_why(page: Page) -> None:
    page.goto("/?q=火星基地的氧气产量是多少？")
    expect(page.locator('[data-testid="stAlert"]')).to_be_visible()
    expect(page.get_by_text("最接近的段落")).to_be_visible()


def test_a_reference_can_be_copied(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    settled(page)
    link = link_to_page(page)
    expect(page.get_by_text("GB/T 7714").first).to_be_visible()
    expect(page.locator('[data-testid="stCode"]').first).to_contain_text("沿海港口运行简报")
    page.goto(link)
    expect(page.locator(".kb-sheet img")).to_be_visible()


def test_results_come_while_typing_and_the_address_holds_them(page: Page) -> None:
    page.goto("/search")
    settled(page)
    page.get_by_label("检索词或问题").press_sequentially("数据出境", delay=30)
    expect(page.locator("mark", has_text="数据出境").first).to_be_visible()
    page.wait_for_url(lambda url: "q=数据出境" in unquote(url))
    page.reload()
    expect(page.locator("mark", has_text="数据出境").first).to_be_visible()


def test_words_that_no_document_has_are_said_to_be(page: Page) -> None:
    said = page.get_by_text("没有文献含有这些词")
    page.goto("/search?q=彗星")
    expect(said).to_be_visible()
    expect(page.locator(".kb-text").first).to_be_visible()
    page.goto("/search?q=彗星&lang=en")
    expect(page.get_by_text("No document has these words")).to_be_visible()
    page.goto("/search?q=qqqzx")
    expect(page.get_by_text("没有找到相关段落")).to_be_visible()
    assert page.locator(".kb-text").count() == 0
    page.goto("/search?q=数据出境")
    expect(page.locator("mark", has_text="数据出境").first).to_be_visible()
    settled(page)
    assert said.count() == 0


def test_a_selection_is_exported(page: Page) -> None:
    page.goto("/search?q=数据出境")
    settled(page)
    page.get_by_text("选取", exact=True).first.click()
    page.get_by_role("button", name="导出选中的 1 段").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Markdown").click()
    assert "数据出境" in Path(taken.value.path()).read_text("utf-8")


def test_an_own_pdf_is_added_and_answers(page: Page, tmp_path: Path) -> None:
    mine = tmp_path / "冷链通知.pdf"
    write_pdf(mine, LATER)
    page.goto("/library")
    settled(page)
    page.locator('input[type="file"]').first.set_input_files(str(mine))
    is_in = page.get_by_text("冷链通知.pdf · 已添加 · 可检索")
    expect(is_in).to_be_visible(timeout=5 * PATIENCE)
    page.get_by_role("link", name="问答").click()
    expect(page.get_by_label("向文库提问")).to_be_visible()
    settled(page)
    page.get_by_label("向文库提问").fill("到2030年冷库总容量达到多少？")
    page.keyboard.press("Enter")
    expect(page.locator(".kb-answer")).to_contain_text("3.4亿立方米")


def test_the_first_of_many_files_answers_before_the_last_is_read(
    page: Page, tmp_path: Path
) -> None:
    paths = []
    for number in range(20):
        path = tmp_path / f"通知{number:02d}.pdf"
        write_pdf(
            path, [f"第{number}号林业通知", f"第一条　第{number}号林场完成造林{number}51公顷。"]
        )
        paths.append(str(path))
    # The last takes longer than all that is looked at meanwhile, on any machine.
    write_long_pdf(Path(paths[-1]), 3.0)
    # Another session, as another person would have it.
    other = page.context.new_page()
    other.goto("/search")
    settled(other)
    page.goto("/library")
    settled(page)
    page.locator('input[type="file"]').first.set_input_files(paths)
    expect(page.get_by_text("个文件排队中")).to_be_visible(timeout=3 * PATIENCE)
    one_in = page.get_by_text(re.compile(r"通知\d\d\.pdf · 已添加 · 可检索"))
    expect(one_in.first).to_be_visible(timeout=5 * PATIENCE)
    other.get_by_label("检索词或问题").fill("林场造林")
    expect(other.locator(".kb-text", has_text="公顷").first).to_be_visible()
    assert page.get_by_text("入库完成").count() == 0
    page.reload()
    expect(page.get_by_text("入库完成")).to_be_visible(timeout=LONGEST)


def test_facts_are_corrected_and_what_was_read_is_kept(page: Page) -> None:
    page.goto("/search?q=冷库总容量")
    settled(page)
    page.goto(f"{link_to_page(page)}&part=facts")
    title = page.get_by_label("标题")
    expect(title).not_to_have_value("")
    settled(page)
    before = title.input_value()
    title.fill("冷链物流说明（更正）")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text(f"原读作：{before}")).to_be_visible()
    expect(page.get_by_role("heading", name="冷链物流说明（更正）")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="恢复原读出的内容").click()
    expect(page.get_by_role("heading", name=before, exact=True)).to_be_visible()


def test_a_removal_is_undone(page: Page) -> None:
    page.goto("/search?q=沿海港口")
    settled(page)
    page.goto(link_to_page(page))
    settled(page)
    page.get_by_role("button", name="从文库删除").click()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)
    page.goto("/search?q=沿海港口")
    expect(page.locator("mark").first).to_be_visible()


def test_a_question_file_is_measured(page: Page, tmp_path: Path) -> None:
    rows = [
        {
            "question": QUESTION,
            "type": "fact",
            "doc": "港口简报",
            "gold": ["货物吞吐量53.2亿吨"],
            "answer": "53.2亿吨",
        },
        {"question": "火星上有几座港口？", "type": "none", "doc": None, "gold": [], "answer": None},
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    page.goto("/evaluate")
    settled(page)
    page.locator('input[type="file"]').set_input_files(str(path))
    expect(page.get_by_text("questions.jsonl").first).to_be_visible()
    page.get_by_role("button", name="开始评测").click()
    expect(page.get_by_text("出错的问题：0 / 2")).to_be_visible(timeout=5 * PATIENCE)
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载报告").click()
    assert "Misses: 0 of 2 questions" in Path(taken.value.path()).read_text("utf-8")


def test_settings_verify_and_back_up(page: Page) -> None:
    page.goto("/settings")
    settled(page)
    page.get_by_role("button", name="检查").click()
    # Other tests of this process may have left hundreds of pages.
    expect(page.get_by_text("没有发现问题")).to_be_visible(timeout=10 * PATIENCE)
    page.get_by_role("button", name="备份全部").click()
    backup = page.get_by_role("button", name="下载备份")
    expect(backup).to_be_visible(timeout=10 * PATIENCE)
    with page.expect_download() as taken:
        backup.click()
    assert Path(taken.value.path()).read_bytes()[:2] == b"PK"
    settled(page)
    page.get_by_label("地址").fill("ftp://nowhere")
    page.get_by_label("模型名称").fill("qwen")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("llm_url")).to_be_visible()


@pytest.mark.parametrize(
    "name", ["", "search", "clauses", "diff", "check", "library", "evaluate", "settings"]
)
def test_pages_fit_a_phone(browser: Browser, address: str, name: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, user_agent=PHONE, is_mobile=True, has_touch=True
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{address}/{name}?q={QUESTION}" if name in {"", "search"} else f"{address}/{name}")
    settled(page)
    # The bar of pages is wider than a phone; the name of the open one is in view.
    page.wait_for_function(NAME_IN_VIEW)
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    assert wider <= 0


def test_nothing_is_loaded_from_outside(page: Page, address: str, asked: list[str]) -> None:
    for name in ("", "search", "clauses", "diff", "check", "library", "evaluate", "settings"):
        page.goto(f"/{name}")
        settled(page)
    asked_for = {url for url in asked if not url.startswith(("data:", "blob:", address))}
    assert not asked_for


def test_the_language_is_switched(page: Page) -> None:
    page.goto("/")
    settled(page)
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Search").click()
    expect(page.get_by_label("Words or a question")).to_be_visible()


def test_the_language_is_in_every_address(page: Page) -> None:
    page.goto(f"/?q={QUESTION}&lang=en")
    expect(page.get_by_role("heading", name="Citations")).to_be_visible()
    settled(page)
    link = link_to_page(page)
    assert "lang=en" in link
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Search").click()
    page.wait_for_url("**/search?lang=en")
    page.reload()
    expect(page.get_by_label("Words or a question")).to_be_visible()
    settled(page)
    assert page.evaluate("document.documentElement.lang") == "en"
    page.get_by_text("中文", exact=True).click()
    expect(page.get_by_label("检索词或问题")).to_be_visible()
    page.wait_for_url("**/search")
    page.goto(link)
    expect(page.get_by_role("button", name="Back to the library")).to_be_visible()


def test_streamlit_speaks_the_page_s_language(page: Page) -> None:
    page.goto("/library")
    dropzone = page.locator('[data-testid="stFileUploaderDropzone"]').first
    expect(dropzone).to_contain_text("选择文件")
    expect(dropzone).to_contain_text("每个不超过 200 MB")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.goto("/clauses")
    settled(page)
    page.get_by_label("文件").first.fill("没有这样的文件")
    expect(page.get_by_text("没有匹配项")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_label("Document").first).to_be_visible()
    settled(page)
    page.get_by_label("Document").first.fill("no such")
    expect(page.get_by_text("No results")).to_be_visible()


def test_the_page_is_turned_and_the_field_found_by_keys(page: Page) -> None:
    page.goto("/?q=2030年全国森林覆盖率达到多少？")
    where = page.locator(".st-key-evidence .kb-where").first
    expect(where).to_contain_text("第 2 页，共 2 页")
    # Until its button is drawn, and while it is drawn anew, a key turns no page.
    settled(page)
    page.keyboard.press("ArrowLeft")
    expect(where).to_contain_text("第 1 页，共 2 页")
    settled(page)
    page.locator(".kb-pages").focus()
    page.keyboard.press("ArrowRight")
    expect(where).to_contain_text("第 2 页，共 2 页")
    settled(page)
    page.keyboard.press("/")
    expect(page.get_by_label("接着问")).to_be_focused()
    # What is typed is typed: neither a page is turned nor a field sought.
    page.keyboard.type("a/b")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("接着问")).to_have_value("a/b")
    expect(where).to_contain_text("第 2 页，共 2 页")
    page.goto("/diff")
    settled(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_label("检索词或问题")).to_be_focused()


def test_focus_goes_in_order_and_is_seen(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_label("向文库提问")).to_be_visible()
    settled(page)
    seen = []
    # What other tests left running adds stops of its own, so their number is not known.
    while "提问" not in [name for name, _, _ in seen] and len(seen) < 40:
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
    page.keyboard.press("Tab")
    seen.append(page.evaluate(FOCUSED))
    names = [name for name, _, _ in seen]
    stops = ("问答", "检索", "设置", "中文", "向文库提问", "提问")
    assert set(stops) <= set(names), names
    assert [name for name in dict.fromkeys(names) if name in stops] == list(stops)
    assert all(names)
    unseen = [name for name, ring, tag in seen if tag in {"A", "BUTTON"} and not ring]
    assert unseen == []


def test_the_page_stays_beside_results_that_scroll(page: Page) -> None:
    page.goto("/search?q=港口")
    expect(page.locator(".kb-sheet img").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="看原文").last.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.stMain').scrollBy(0, 400)")
    expect(page.locator(".st-key-page-bar")).to_be_in_viewport()
