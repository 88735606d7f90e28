"""The web UI over a server, in a real browser: asked, added to, and what its key does not see."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install playwright"
)
sys.path.insert(0, str(Path(__file__).parent))

from browsing import PATIENCE, launch, serving, settled  # noqa: E402
from conftest import write_pdf  # noqa: E402
from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    # What Playwright leaves for the garbage collector is not ours to close.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
expect.set_options(timeout=PATIENCE)
QUESTION = "沿海港口完成货物吞吐量多少亿吨？"
MINE = ["冷链物流发展通知", "第一条　到2030年冷库总容量达到3.4亿立方米。（国家发展改革委负责）"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture
def live(serve: Any) -> Any:
    return serve(require_keys=True)


def page_of(browser: Browser, address: str) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def test_a_question_is_answered_and_a_pdf_added(
    browser: Browser, live: Any, tmp_path: Path
) -> None:
    none = tmp_path / "none"
    asked: list[str] = []
    write_pdf(tmp_path / "冷链通知.pdf", MINE)
    with serving(none, POLICYKB_SERVER=live.url, POLICYKB_SERVER_KEY=live.admin) as address:
        page = page_of(browser, address)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"/?q={QUESTION}")
        expect(page.locator(".kb-answer")).to_contain_text("53.2亿吨")
        expect(page.locator(".kb-sheet img")).to_be_visible()
        page.goto("/library")
        settled(page)
        page.locator('input[type="file"]').first.set_input_files(str(tmp_path / "冷链通知.pdf"))
        is_in = page.get_by_text("冷链通知.pdf · 已添加 · 可检索")
        expect(is_in).to_be_visible(timeout=5 * PATIENCE)
        page.goto("/search?q=冷库总容量达到")
        expect(page.locator("mark").first).to_be_visible()
        page.goto("/settings")
        settled(page)
        expect(page.get_by_text(live.url).first).to_be_visible()
        assert live.admin not in page.content()
        page.context.close()
    # The browser speaks to the UI alone: the key and the server are the UI's affair.
    assert not {url for url in asked if not url.startswith(("data:", "blob:", address))}
    assert not none.exists()


def test_a_key_of_one_collection_shows_that_alone(
    browser: Browser, live: Any, tmp_path: Path
) -> None:
    write_pdf(tmp_path / "冷链通知.pdf", MINE)
    none = tmp_path / "none"
    with serving(none, POLICYKB_SERVER=live.url, POLICYKB_SERVER_KEY=live.limited) as address:
        page = page_of(browser, address)
        page.goto("/library")
        settled(page)
        page.locator('input[type="file"]').first.set_input_files(str(tmp_path / "冷链通知.pdf"))
        is_in = page.get_by_text("冷链通知.pdf · 已添加 · 可检索")
        expect(is_in).to_be_visible(timeout=5 * PATIENCE)
        page.goto(f"/?q={QUESTION}")
        expect(page.locator('[data-testid="stAlert"]').first).to_be_visible()
        assert "53.2" not in page.content()
        page.goto("/search?q=冷库总容量达到")
        expect(page.locator("mark").first).to_be_visible()
        assert "港口简报" not in page.content()
        page.context.close()
    with live.client(live.admin) as client:
        names = {one["name"] for one in client.get("/v1/documents").json()}
        assert {"冷链通知.pdf", "港口简报.pdf"} <= names
