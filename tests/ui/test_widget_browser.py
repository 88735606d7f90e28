"""The web component in a real browser: another site's page, a key, a strict content policy."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from kb import KnowledgeBase

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>another site</title>
<script src="{api}/widget/policykb-search.js" defer></script>
<policykb-search endpoint="{api}" key="{key}" lang="{lang}"></policykb-search></html>"""
POLICY = "default-src 'none'; script-src {api}; connect-src {api}; img-src blob:; base-uri 'none'"
MARKUP = """标记试验说明

企业<script>window.stolen=1</script><img src=x onerror=window.stolen=1>获得支持。
"""


class Site(BaseHTTPRequestHandler):
    """A page of another site, with a policy that allows the service and nothing else."""

    def __init__(self, shown: dict[str, str], *given: Any) -> None:
        self.shown = shown
        super().__init__(*given)

    def do_GET(self) -> None:
        body = PAGE.format(**self.shown).encode()
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY.format(**self.shown))
        self.end_headers()
        if self.path == "/":
            self.wfile.write(body)

    def log_message(self, *given: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[tuple[str, dict[str, str]]]:
    """Run another site; returns its origin, and what its page shows."""
    shown = {"lang": "zh", "api": "", "key": ""}
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, shown)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", shown
        server.shutdown()


@pytest.fixture
def page() -> Iterator[Any]:
    """Return an open page, and fail on whatever it complained about."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        opened = browser.new_page()
        opened.complaints = []
        opened.on(
            "console", lambda said: said.type == "error" and opened.complaints.append(said.text)
        )
        opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
        yield opened
        browser.close()


@pytest.fixture
def elsewhere(serve: Any, site: tuple[str, dict[str, str]], page: Any, home: Any) -> Any:
    """Open another site's page that holds the component."""
    with KnowledgeBase.open(home) as base:
        base.ingest_bytes("标记.txt", MARKUP.encode())
    origin, shown = site
    live = serve(require_keys=True, origins=(origin,))
    shown.update(api=live.url, key=live.read)
    page.goto(origin + "/")
    return page


def field(page: Any) -> Any:
    return page.locator("policykb-search").locator("input[type=search]")


def test_a_search_from_another_site(elsewhere: Any) -> None:
    page = elsewhere
    field(page).fill("数据出境安全评估")
    field(page).press("Enter")
    hit = page.locator("policykb-search li.hit").first
    hit.wait_for()
    assert "数据贸易" in hit.inner_text() or "数字贸易" in hit.inner_text()
    assert "第 1 页" in hit.inner_text()
    assert page.locator("policykb-search mark").count() > 0
    picture = hit.locator("button.plain")
    picture.click()
    hit.locator("img").wait_for()
    assert hit.locator("img").evaluate("node => node.naturalWidth") > 200
    assert page.complaints == []


def test_an_answer_with_its_sources(elsewhere: Any) -> None:
    page = elsewhere
    page.locator("policykb-search").get_by_text("提问", exact=True).click()
    field(page).fill("沿海港口完成货物吞吐量多少亿吨？")
    field(page).press("Enter")
    answer = page.locator("policykb-search .answer")
    answer.wait_for()
    assert "53.2亿吨" in answer.inner_text()
    assert page.locator("policykb-search sup").first.inner_text() == "[1]"
    assert page.complaints == []


def test_suggestions_by_keyboard(elsewhere: Any) -> None:
    page = elsewhere
    # At once: what is suggested for a beginning would be drawn over what was chosen.
    field(page).fill("关于支持")
    option = page.locator("policykb-search [role=option]").first
    option.wait_for()
    assert field(page).get_attribute("aria-expanded") == "true"
    field(page).press("ArrowDown")
    assert option.get_attribute("aria-selected") == "true"
    assert field(page).get_attribute("aria-activedescendant") == option.get_attribute("id")
    field(page).press("Enter")
    page.locator("policykb-search li.hit").first.wait_for()
    assert page.complaints == []


def test_markup_in_documents_is_text(elsewhere: Any) -> None:
    page = elsewhere
    field(page).fill("企业获得支持 onerror")
    field(page).press("Enter")
    page.locator("policykb-search li.hit").first.wait_for()
    assert (
        "<script>window.stolen=1</script>" in page.locator("policykb-search .output").inner_text()
    )
    assert page.evaluate("window.stolen") is None
    assert page.complaints == []


def test_a_wrong_key_is_said_in_the_page_s_language(elsewhere: Any) -> None:
    page = elsewhere
    page.evaluate("document.querySelector('policykb-search').setAttribute('key', 'pkb_x')")
    page.evaluate("document.querySelector('policykb-search').setAttribute('lang', 'en')")
    field(page).fill("x")
    field(page).press("Enter")
    page.locator("policykb-search .status.wrong").wait_for()
    assert "failed" in page.locator("policykb-search .status").inner_text()


def test_a_site_that_is_not_listed_gets_nothing(
    serve: Any, site: tuple[str, dict[str, str]], page: Any
) -> None:
    origin, shown = site
    live = serve(require_keys=True, origins=("https://only.example",))
    shown.update(api=live.url, key=live.read)
    page.goto(origin + "/")
    field(page).fill("数据出境")
    field(page).press("Enter")
    page.locator("policykb-search .status.wrong").wait_for()
    assert page.locator("policykb-search li.hit").count() == 0


def test_the_demo_and_the_documentation_load_nothing_from_elsewhere(serve: Any, page: Any) -> None:
    live = serve()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live.url}/widget/")
    page.locator("policykb-search input").first.wait_for()
    page.goto(f"{live.url}/docs")
    page.locator(".opblock").nth(25).wait_for()
    assert all(url.startswith((live.url, "data:", "blob:")) for url in asked)
    assert page.complaints == []
