"""`/c/{clause id}`: one address for people and programs."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from kb import KnowledgeBase
from ui.api import ServiceOptions, create_app
from ui.api.clause_page import POLICY
from ui.api.permalinks import quality

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HOSTILE = """港口<img src=x onerror=alert(1)>规则

第一条　设备应当标明"<script>alert(1)</script>"。（国家发改委牵头）
第二条　港口企业应当在2027年底前完成登记。
"""


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, Path]
) -> Iterator[TestClient]:
    """Return a client over the sample and a text that is hostile; tests change nothing."""
    file = tmp_path_factory.mktemp("hostile") / "恶意.txt"
    file.write_text(HOSTILE, encoding="utf-8")
    with KnowledgeBase.open(file.parent / "home") as base:
        assert base.ingest([file, files["notice"]]).failed == 0
    app = create_app(ServiceOptions(home=str(file.parent / "home"), hosts=("testserver",)))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def clause_id(client: TestClient, words: str) -> str:
    found = client.get("/v1/clauses", params={"text": words}).json()["clauses"]
    return str(found[0]["clause_id"])


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "text/html;q=0.1,*/*"])
def test_programs_get_json(client: TestClient, accept: str) -> None:
    path = f"/c/{clause_id(client, '完成登记')}"
    body = client.get(path, headers={"Accept": accept})
    assert body.headers["vary"] == "Accept"
    assert body.json()["number"] == "第二条"
    assert body.json()["deadlines"][0]["due"] == "2027-12-31"


def test_browsers_get_a_page_that_loads_nothing(client: TestClient) -> None:
    response = client.get(f"/c/{clause_id(client, '数据出境规则')}", headers={"Accept": BROWSER})
    assert response.status_code == 200
    page = response.text
    assert response.headers["content-security-policy"] == POLICY
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "Accept-Language" in response.headers["vary"]
    for said in ("健全数据出境规则", "一、完善制度", "工业和信息化部", "牵头", "[Z]", "关于支持"):
        assert said in page
    assert 'src="data:image/png;base64,' in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"'sha256-{digest}'" in POLICY


def test_the_clause_is_marked_on_its_page(client: TestClient) -> None:
    found = client.get("/v1/clauses", params={"text": "数据出境规则"}).json()["clauses"][0]
    page = client.get(f"/c/{found['clause_id']}", headers={"Accept": BROWSER}).text
    shown = re.search(r"base64,([^\"]+)", page)
    assert shown is not None
    plain = f"/v1/documents/{found['document_id']}/pages/{found['page']}.png?scale=1.4"
    assert base64.b64decode(shown.group(1)) != client.get(plain).content


def test_markup_of_a_document_is_shown_not_obeyed(client: TestClient) -> None:
    response = client.get(f"/c/{clause_id(client, '设备应当标明')}", headers={"Accept": BROWSER})
    assert "<script" not in response.text
    assert "<img" not in response.text
    assert "&lt;script&gt;" in response.text


def test_the_page_speaks_english_to_who_asks_for_it(client: TestClient) -> None:
    path = f"/c/{clause_id(client, '数据出境规则')}"
    english = client.get(path, headers={"Accept": BROWSER, "Accept-Language": "en-GB,zh;q=0.5"})
    assert "<dt>Lead</dt>" in english.text
    chinese = client.get(path, headers={"Accept": BROWSER, "Accept-Language": "fr"})
    assert "<dt>牵头</dt>" in chinese.text


def test_an_unknown_clause_is_missing_to_both(client: TestClient) -> None:
    page = client.get("/c/<b>no", headers={"Accept": BROWSER})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-security-policy"] == POLICY
    assert "<b>" not in page.text
    problem = client.get("/c/none", headers={"Accept": "application/json"})
    assert problem.status_code == 404
    assert problem.headers["content-type"].startswith("application/problem+json")


def test_a_clause_of_another_document_is_asked_for_by_its_id(client: TestClient) -> None:
    path = f"/c/{clause_id(client, '设备应当标明')}"
    assert client.get(path, params={"document": "0123456789abcdef"}).status_code == 404


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", 0.0),
        ("text/html", 1.0),
        ("TEXT/HTML; Q=0.5", 0.5),
        ("text/*;q=0.3, */*;q=0.9", 0.3),
        ("*/*;q=0.2", 0.2),
        ("text/html;q=much", 0.0),
        ("application/json", 0.0),
    ],
)
def test_how_much_a_header_wants_a_type(accept: str, wanted: float) -> None:
    assert quality(accept, "text/html") == wanted


@given(st.text(max_size=60))
def test_any_header_has_an_answer(accept: str) -> None:
    assert 0.0 <= quality(accept, "text/html") <= 1.0
