"""What the service tells of itself and how it answers again: health, metrics, tags, pages, logs."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ui.api import ServiceOptions, create_app
from ui.api.observe import JsonLines


def test_it_lives_and_is_ready(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json()["status"] == "ready"


def test_it_is_not_ready_with_an_index_of_another_encoder(client: TestClient, home: Path) -> None:
    for manifest in home.rglob("manifest.json"):
        text = manifest.read_text("utf-8")
        manifest.write_text(re.sub(r'"fingerprint": "\w', '"fingerprint": "_', text), "utf-8")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["code"].startswith("index")


def test_metrics_count_by_route_and_never_name_what_was_asked(client: TestClient) -> None:
    client.get("/v1/search", params={"q": "港口秘密"})
    client.get("/v1/documents/0123456789abcdef")
    text = client.get("/metrics").text
    assert 'policykb_requests_total{method="GET",route="/v1/search",status="200"}' in text
    assert 'route="/v1/documents/{document_id}",status="404"' in text
    assert "policykb_documents 3.0" in text
    assert "港口" not in text
    assert "0123456789abcdef" not in text


@pytest.mark.parametrize(
    "path",
    ["/v1/documents", "/v1/documents/{id}", "/v1/documents/{id}/pages/1"],
)
def test_what_a_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    document = client.get("/v1/documents").json()[0]["document_id"]
    path = path.format(id=document)
    first = client.get(path)
    tag = first.headers["etag"]
    for held in (tag, f'"x", W/{tag}', "*"):
        again = client.get(path, headers={"If-None-Match": held})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    assert client.get(path, headers={"If-None-Match": '"x"'}).content == first.content


def test_a_page_s_picture_is_tagged_by_what_is_marked(client: TestClient) -> None:
    listed = client.get("/v1/documents").json()
    document = next(one["document_id"] for one in listed if one["name"].endswith(".pdf"))
    path = f"/v1/documents/{document}/pages/1.png"
    plain, marked = client.get(path), client.get(path, params={"highlight": "0-9"})
    assert plain.headers["etag"] != marked.headers["etag"]
    held = {"If-None-Match": plain.headers["etag"]}
    assert client.get(path, headers=held).status_code == 304
    assert client.get(path, headers=held, params={"scale": 2}).status_code == 200


def test_the_list_s_tag_changes_with_the_list(client: TestClient) -> None:
    tag = client.get("/v1/documents").headers["etag"]
    client.post("/v1/documents", files=[("files", ("a.txt", "新增说明。".encode()))])
    assert client.get("/v1/documents", headers={"If-None-Match": tag}).status_code == 200


def test_pages_of_a_list_are_the_list(client: TestClient) -> None:
    for n in range(4):
        client.post("/v1/documents", files=[("files", (f"{n}.txt", f"第{n}份。".encode()))])
    whole = [one["document_id"] for one in client.get("/v1/documents").json()]
    found: list[str] = []
    path: str | None = "/v1/documents?limit=3&in_force=false"
    while path:
        page = client.get(path)
        assert len(page.json()) <= 3
        found += [one["document_id"] for one in page.json()]
        link = re.fullmatch(r'<(.+)>; rel="next"', page.headers.get("link", ""))
        path = link[1] if link else None
    assert found == whole


def test_pages_of_clauses_are_the_list(client: TestClient) -> None:
    whole = client.get("/v1/clauses").json()
    found: list[Any] = []
    path: str | None = "/v1/clauses?limit=1"
    while path:
        page = client.get(path)
        assert page.json()["total"] == whole["total"]
        found += page.json()["clauses"]
        link = re.fullmatch(r'<(.+)>; rel="next"', page.headers.get("link", ""))
        path = link[1] if link else None
    assert found == whole["clauses"]
    assert len(found) > 1
    assert client.get("/v1/clauses", params={"cursor": "Wy0xXQ"}).status_code == 400


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "!!!", "W1tbW1tbW1s", "bnVsbA"])
def test_a_cursor_of_elsewhere_is_refused(client: TestClient, cursor: str) -> None:
    response = client.get("/v1/documents", params={"cursor": cursor})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "cursor"


def test_an_answer_as_events(client: TestClient) -> None:
    asked = {"q": "沿海港口完成货物吞吐量多少亿吨？"}
    accept = {"Accept": "text/event-stream"}
    response = client.get("/v1/ask", params=asked, headers=accept)
    assert response.headers["content-type"].startswith("text/event-stream")
    kind, data = re.fullmatch(r"event: (\w+)\ndata: (.+)\n\n", response.text).groups()  # type: ignore[union-attr]
    assert kind == "answer"
    assert json.loads(data) == client.get("/v1/ask", params=asked).json()
    posted = client.post("/v1/ask", json={"question": asked["q"]}, headers=accept)
    assert posted.text == response.text
    wrong = client.get("/v1/ask", params={"q": " "}, headers=accept)
    assert wrong.text.startswith("event: problem")
    assert '"code": "invalid-input"' in wrong.text


def test_a_language_model_that_is_not_set_is_a_problem(client: TestClient) -> None:
    response = client.get("/v1/ask", params={"q": "港口吞吐量？", "llm": True})
    assert response.status_code == 400
    assert response.json()["code"] == "invalid-input"


def test_numbers_of_the_whole(client: TestClient) -> None:
    stats = client.get("/v1/stats").json()
    assert stats["documents"] == 3
    assert stats["passages"] == stats["model"]["index_passages"]
    assert client.post("/v1/rebuild").json() == {"passages": stats["passages"]}


def test_evaluation_of_a_file_that_is_sent(client: TestClient) -> None:
    question = {
        "id": "1",
        "question": "沿海港口完成货物吞吐量多少亿吨？",
        "answer": "53.2亿吨",
        "documents": ["港口简报.pdf"],
    }
    line = json.dumps(question, ensure_ascii=False).encode()
    response = client.post("/v1/eval", files={"file": ("q.jsonl", line)})
    assert response.status_code in {200, 400}, response.text
    bad = client.post("/v1/eval", files={"file": ("q.jsonl", b"{no json")})
    assert bad.status_code == 400


def test_request_ids_are_kept_or_made(client: TestClient) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": "abc-1.2"})
    assert given.headers["x-request-id"] == "abc-1.2"
    for odd in ("a b", "x" * 65, "<script>", '"'):
        made = client.get("/healthz", headers={"X-Request-ID": odd}).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", made)


def test_each_request_is_a_line_of_json_without_what_was_asked(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "ui.api.access"):
        client.get("/v1/search", params={"q": "港口机密"}, headers={"X-Request-ID": "r1"})
    record = next(one for one in caplog.records if one.name == "ui.api.access")
    line = JsonLines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert (told["route"], told["status"], told["request_id"]) == ("/v1/search", 200, "r1")
    assert told["milliseconds"] > 0
    assert "机密" not in line


def test_every_answer_has_safe_headers(client: TestClient) -> None:
    for path in ("/v1/documents", "/v1/never", "/healthz", "/docs", "/widget/", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert "content-security-policy" in headers, path
        assert "x-request-id" in headers, path
        assert "server" not in headers


@pytest.fixture
def shared(home: Path) -> Any:
    options = ServiceOptions(
        home=str(home), hosts=("testserver",), origins=("https://site.example",)
    )
    with TestClient(create_app(options)) as client:
        yield client


def test_listed_sites_may_read_and_others_may_not(shared: TestClient) -> None:
    site = {"Origin": "https://site.example"}
    allowed = shared.get("/v1/documents", headers=site)
    assert allowed.headers["access-control-allow-origin"] == "https://site.example"
    assert "access-control-allow-credentials" not in allowed.headers
    refused = shared.get("/v1/documents", headers={"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in refused.headers
    ask = {**site, "Access-Control-Request-Method": "GET"}
    ask["Access-Control-Request-Headers"] = "authorization"
    preflight = shared.options("/v1/search", headers=ask)
    assert preflight.status_code == 200
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()


def test_a_listed_site_writes_with_a_key_only(shared: TestClient, home: Path) -> None:
    from kb import KnowledgeBase

    with KnowledgeBase.open(home) as base:
        token = base.make_key("site", ["write"]).token
    site = {"Origin": "https://site.example"}
    files = [("files", ("a.txt", "说明。".encode()))]
    assert shared.post("/v1/documents", files=files, headers=site).status_code == 403
    keyed = {**site, "Authorization": f"Bearer {token}"}
    assert shared.post("/v1/documents", files=files, headers=keyed).status_code == 201
    other = {**keyed, "Origin": "https://other.example"}
    assert shared.post("/v1/documents", files=files, headers=other).status_code == 403
