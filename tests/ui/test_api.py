"""The REST API over a real knowledge base: contract, errors, security."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymupdf
import pytest
from fastapi.testclient import TestClient

PROBLEM = "application/problem+json"


def document_ids(client: TestClient) -> dict[str, str]:
    return {item["name"]: item["document_id"] for item in client.get("/v1/documents").json()}


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith(PROBLEM)
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert body["detail"]
    return body


def test_search_finds_the_passage_with_its_page_and_boxes(client: TestClient) -> None:
    body = client.get("/v1/search", params={"q": "数据出境安全评估", "k": 3}).json()
    assert body["query"] == "数据出境安全评估"
    top = body["hits"][0]
    assert "数据出境安全评估" in top["text"].replace("\n", "")
    assert top["rank"] == 1
    assert top["page"] == 1
    assert top["boxes"]
    assert {"page", "x0", "y0", "x1", "y1"} == set(top["boxes"][0])


def test_search_as_json_body_gives_the_same_hits(client: TestClient) -> None:
    got = client.get("/v1/search", params={"q": "吞吐量", "k": 2}).json()
    posted = client.post("/v1/search", json={"query": "吞吐量", "k": 2}).json()
    assert posted["hits"] == got["hits"]


def test_filter_by_document_keeps_only_that_document(client: TestClient) -> None:
    wanted = document_ids(client)["港口简报.pdf"]
    params = {"q": "2023年增长", "document": wanted}
    hits = client.get("/v1/search", params=params).json()["hits"]
    assert hits
    assert {hit["document_id"] for hit in hits} == {wanted}


def test_ask_answers_with_a_quote_that_stands_on_its_page(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": "沿海港口完成货物吞吐量多少亿吨？"}).json()
    assert body["answered"] is True
    assert "53.2亿吨" in body["answer"]
    citation = body["citations"][0]
    page = client.get(f"/v1/documents/{citation['document_id']}/pages/{citation['page']}").json()
    assert "".join(citation["quote"].split()) in "".join(page["text"].split())


def test_ask_refuses_what_the_documents_do_not_say(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": "火星基地的氧气产量是多少？"}).json()
    assert body["answered"] is False
    assert body["answer"] is None
    assert body["citations"] == []


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"q": "  "}, 400),
        ({"q": "港口", "k": 0}, 422),
        ({"q": "港口", "since": "soon"}, 422),
        ({}, 422),
    ],
)
def test_a_bad_search_is_a_problem(client: TestClient, params: dict[str, str], status: int) -> None:
    response = client.get("/v1/search", params=params)
    body = assert_problem(response, status, "invalid-input" if status == 400 else "invalid-request")
    assert body["errors"]


def test_an_unknown_document_is_not_found(client: TestClient) -> None:
    for method, path in [
        ("GET", "/v1/documents/0123456789abcdef"),
        ("DELETE", "/v1/documents/0123456789abcdef"),
        ("GET", "/v1/documents/0123456789abcdef/pages/1"),
        ("GET", "/v1/documents/0123456789abcdef/pages/1.png"),
        ("GET", "/v1/documents/0123456789abcdef/original"),
    ]:
        assert_problem(client.request(method, path), 404, "not-found")


def test_a_page_image_is_a_png_and_marks_change_it(client: TestClient) -> None:
    path = f"/v1/documents/{document_ids(client)['港口简报.pdf']}/pages/1.png"
    plain = client.get(path)
    marked = client.get(path, params={"highlight": ["72,110,400,130"]})
    assert plain.headers["content-type"] == "image/png"
    assert pymupdf.Pixmap(plain.content).width == pymupdf.Pixmap(marked.content).width
    assert plain.content != marked.content


def test_characters_can_be_marked(client: TestClient) -> None:
    hit = client.get("/v1/search", params={"q": "货物吞吐量"}).json()["hits"][0]
    path = f"/v1/documents/{hit['document_id']}/pages/1.png"
    assert client.get(path, params={"highlight": "10-20"}).content != client.get(path).content


@pytest.mark.parametrize("mark", ["1,2,3", "a-b", "<script>"])
def test_a_mark_that_is_no_mark_is_a_problem(client: TestClient, mark: str) -> None:
    path = f"/v1/documents/{document_ids(client)['港口简报.pdf']}/pages/1.png"
    assert_problem(client.get(path, params={"highlight": mark}), 400, "invalid-input")


def test_a_page_past_the_end_is_not_found(client: TestClient) -> None:
    document = document_ids(client)["港口简报.pdf"]
    assert_problem(client.get(f"/v1/documents/{document}/pages/9"), 404, "not-found")
    assert_problem(client.get(f"/v1/documents/{document}/pages/9.png"), 404, "not-found")


def test_clauses_by_an_alias_and_a_role(client: TestClient) -> None:
    led = client.get("/v1/clauses", params={"ministry": "工信部", "role": "lead"}).json()
    assert led["ministry"]["name"] == "工业和信息化部"
    assert [clause["number"] for clause in led["clauses"]] == ["（一）"]
    assert led["clauses"][0]["boxes"]
    joint = client.get("/v1/clauses", params={"ministry": "海关总署"}).json()
    assert [clause["number"] for clause in joint["clauses"]] == ["（二）"]
    assert joint["total"] == 1


def test_upload_list_search_delete(client: TestClient) -> None:
    text = "海洋牧场建设\n\n现代化海洋牧场达到169个，年产值持续提高。\n".encode()
    added = client.post("/v1/documents", files=[("files", ("牧场.txt", text))])
    assert added.status_code == 201
    report = added.json()[0]
    assert report["status"] == "added"
    document = report["document_id"]
    assert client.get(f"/v1/documents/{document}").json()["name"] == "牧场.txt"
    found = client.get("/v1/search", params={"q": "海洋牧场"}).json()["hits"]
    assert found[0]["document_id"] == document
    assert client.get(f"/v1/documents/{document}/original").content == text
    assert client.delete(f"/v1/documents/{document}").status_code == 204
    after = client.get("/v1/search", params={"q": "海洋牧场"}).json()["hits"]
    assert document not in {hit["document_id"] for hit in after}


def test_a_bad_file_reports_its_own_error(client: TestClient) -> None:
    good = ("files", ("好.txt", "渔业统计\n\n产量增长3.1%。".encode()))
    bad = ("files", ("坏.pdf", b"not a pdf at all"))
    reports = client.post("/v1/documents", files=[bad, good]).json()
    assert [report["status"] for report in reports] == ["failed", "added"]
    assert reports[0]["error"]["code"]
    assert "坏.pdf" in reports[0]["error"]["message"]


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "..\\evil.txt", "/abs/olute.txt"])
def test_an_upload_name_never_becomes_a_path(client: TestClient, home: Path, name: str) -> None:
    before = set(home.parent.rglob("*"))
    report = client.post("/v1/documents", files=[("files", (name, "内容说明。".encode()))]).json()[
        0
    ]
    assert report["status"] == "added"
    shown = client.get(f"/v1/documents/{report['document_id']}").json()["name"]
    assert "/" not in shown
    assert "\\" not in shown
    new = set(home.parent.rglob("*")) - before
    assert all(home in path.parents for path in new)


def test_writes_from_another_sites_page_are_refused(client: TestClient) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    response = client.post("/v1/documents", files=[("files", ("a.txt", b"x"))], headers=foreign)
    assert_problem(response, 403, "foreign-origin")


def test_another_host_name_is_refused(client: TestClient) -> None:
    response = client.get("/v1/documents", headers={"Host": "rebound.example"})
    assert response.status_code == 400


def test_too_large_a_body_is_refused_before_it_is_read(client: TestClient) -> None:
    headers = {"Content-Length": str(10**12), "Content-Type": "application/json"}
    response = client.post("/v1/search", content=b"{}", headers=headers)
    assert_problem(response, 413, "too-large")


def test_the_documentation_page_loads_nothing_from_outside(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http://" not in page
    assert "https://" not in page
    assert client.get("/static-offline-docs/swagger-ui-bundle.js").status_code == 200


def test_the_openapi_document_describes_every_route(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert {
        "/healthz",
        "/metrics",
        "/readyz",
        "/c/{clause_id}",
        "/v1/about",
        "/v1/ask",
        "/v1/audit",
        "/v1/chat/completions",
        "/v1/check",
        "/v1/clauses",
        "/v1/clauses/{clause_id}",
        "/v1/collections",
        "/v1/diff",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/documents/{document_id}/corrections",
        "/v1/documents/{document_id}/lineage",
        "/v1/documents/{document_id}/original",
        "/v1/documents/{document_id}/pages/{page}",
        "/v1/documents/{document_id}/pages/{page}.png",
        "/v1/documents/{document_id}/parsed",
        "/v1/documents/{document_id}/reference",
        "/v1/documents/{document_id}/sentence",
        "/v1/embeddings",
        "/v1/eval",
        "/v1/jobs",
        "/v1/jobs/{job_id}",
        "/v1/jobs/{job_id}/events",
        "/v1/keys",
        "/v1/keys/{key_id}",
        "/v1/rebuild",
        "/v1/stats",
        "/v1/matrix",
        "/v1/models",
        "/v1/passages/{passage_id}/neighbours",
        "/v1/registry",
        "/v1/registry/{name}",
        "/v1/search",
        "/v1/suggest",
        "/v1/verify",
    } == set(schema["paths"])


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
