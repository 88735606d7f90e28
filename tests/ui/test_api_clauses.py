"""Clauses, the matrix and the registry over the API: filters, pages of a list, files, errors."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kb import KnowledgeBase
from ui.api import ServiceOptions, create_app

OLD = """智慧港口建设管理办法

第一条　为了规范智慧港口建设，制定本办法。
第二条　港口经营人应当建立数据台账。交通运输部负责指导。
第三条　各地区应当在2025年6月底前完成改造。（国家发改委牵头，交通运输部、海关总署参加）
第四条　鼓励港口企业使用清洁能源。
"""
NEW = """智慧港口建设实施细则

第一条　为了规范智慧港口建设，根据《智慧港口建设管理办法》，制定本办法。
第二条　港口经营人应当建立健全数据台账。交通运输部负责指导。
第三条　不得使用<script>alert(1)</script>的设备。
第四条　鼓励港口企业使用清洁能源。
第五条　各地区应当在2027年底前完成验收。（国家发展改革委牵头）
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of the API over two versions of a text; tests change nothing."""
    folder = tmp_path_factory.mktemp("ports")
    for name, text in (("旧.txt", OLD), ("新.txt", NEW)):
        (folder / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(folder / "home") as base:
        assert base.ingest([folder / "旧.txt", folder / "新.txt"]).failed == 0
    app = create_app(ServiceOptions(home=str(folder / "home"), hosts=("testserver",)))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def numbers(client: TestClient, **params: Any) -> list[str]:
    response = client.get("/v1/clauses", params=params)
    assert response.status_code == 200, response.text
    return [clause["number"] for clause in response.json()["clauses"]]


def document(client: TestClient, name: str) -> str:
    found = {one["name"]: one["document_id"] for one in client.get("/v1/documents").json()}
    return str(found[name])


def test_filters_combine(client: TestClient) -> None:
    old = document(client, "旧.txt")
    assert numbers(client, document=old) == ["第一条", "第二条", "第三条", "第四条"]
    assert numbers(client, text="数据台账", document=old) == ["第二条"]
    assert numbers(client, obligation="encourage", document=old) == ["第四条"]
    assert sorted(numbers(client, ministry="发改委", role="lead")) == ["第三条", "第五条"]
    assert numbers(client, ministry="发改委", due_before="2026-01-01") == ["第三条"]
    assert numbers(client, number="3", document=old) == ["第三条"]
    assert numbers(client, text="没有的词语") == []


def test_a_page_of_the_list_knows_how_many_there_are(client: TestClient) -> None:
    body = client.get("/v1/clauses", params={"limit": 2, "offset": 1}).json()
    assert body["total"] == 9
    assert [clause["number"] for clause in body["clauses"]] == ["第二条", "第三条"]
    counts = {one["name"]: one for one in body["counts"]}
    assert counts["国家发展和改革委员会"]["lead"] == 2
    assert counts["海关总署"] == {
        "name": "海关总署",
        "lead": 0,
        "participant": 1,
        "joint": 0,
        "total": 1,
    }


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"limit": 0}, 422),
        ({"limit": 1001}, 422),
        ({"offset": -1}, 422),
        ({"obligation": "maybe"}, 422),
        ({"due_before": "soon"}, 422),
        ({"format": "exe"}, 422),
        ({"text": "  "}, 400),
        ({"document": "0123456789abcdef"}, 404),
    ],
)
def test_a_bad_list_is_a_problem(client: TestClient, params: dict[str, Any], status: int) -> None:
    response = client.get("/v1/clauses", params=params)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/problem+json")


def test_one_clause_by_its_id_with_reference_and_permalink(client: TestClient) -> None:
    found = client.get("/v1/clauses", params={"number": "第四条"}).json()["clauses"]
    # Which of two documents came in first is not the same each time.
    listed = next(clause for clause in found if clause["title"] == "智慧港口建设管理办法")
    one = client.get(f"/v1/clauses/{listed['clause_id']}").json()
    assert {name: one[name] for name in listed if name != "also_in"} == {
        name: value for name, value in listed.items() if name != "also_in"
    }
    assert "智慧港口建设管理办法" in one["reference"]
    assert one["permalink"] == f"/c/{listed['clause_id']}"
    missing = client.get("/v1/clauses/no-such-clause")
    assert missing.status_code == 404
    assert missing.json()["code"] == "not-found"


@pytest.mark.parametrize(
    ("path", "kind", "start"),
    [
        ("/v1/clauses", "xlsx", b"PK"),
        ("/v1/clauses", "docx", b"PK"),
        ("/v1/clauses", "csv", b"\xef\xbb\xbf"),
        ("/v1/clauses", "md", b"# "),
        ("/v1/matrix", "xlsx", b"PK"),
        ("/v1/matrix", "csv", b"\xef\xbb\xbf"),
        ("/v1/search", "docx", b"PK"),
        ("/v1/ask", "md", b"# "),
    ],
)
def test_results_as_files_to_save(client: TestClient, path: str, kind: str, start: bytes) -> None:
    params = {"format": kind} | ({"q": "数据台账"} if path in {"/v1/search", "/v1/ask"} else {})
    response = client.get(path, params=params)
    assert response.status_code == 200, response.text
    assert response.content.startswith(start)
    assert response.headers["content-disposition"].startswith("attachment; filename=")
    assert response.headers["content-disposition"].endswith(f'.{kind}"')
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_file_has_every_clause_and_leads_back_here(client: TestClient) -> None:
    text = client.get("/v1/clauses", params={"format": "csv", "limit": "1"}).content.decode(
        "utf-8-sig"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 9
    assert all(row["链接"].startswith("http://testserver/c/") for row in rows)
    path = rows[0]["链接"].removeprefix("http://testserver")
    assert client.get(path).status_code == 200


def test_a_file_holds_no_path_of_this_machine(client: TestClient) -> None:
    data = client.get("/v1/clauses", params={"format": "xlsx"}).content
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert all(b"file:" not in book.read(name) for name in book.namelist())


def test_the_matrix_has_roles_in_its_cells(client: TestClient) -> None:
    matrix = client.get("/v1/matrix").json()
    cells = {
        (matrix["ministries"][cell["ministry"]]["name"], cell["clause"]): cell["roles"]
        for cell in matrix["cells"]
    }
    third = next(at for at, clause in enumerate(matrix["clauses"]) if clause["number"] == "第三条")
    assert cells["国家发展和改革委员会", third] == ["lead"]
    assert cells["海关总署", third] == ["participant"]
    assert client.get("/v1/matrix", params={"format": "docx"}).status_code == 422


def test_the_registry_tells_what_became_of_a_body(client: TestClient) -> None:
    card = client.get("/v1/registry/银保监会").json()
    assert card["name"] == "国家金融监督管理总局"
    assert client.get("/v1/registry/发改委").json()["clauses"]["lead"] == 2
    assert client.get("/v1/registry/没有这个部").status_code == 404
    names = {one["name"] for one in client.get("/v1/registry").json()}
    assert "交通运输部" in names
    assert client.get("/v1/registry", params={"kind": "nothing"}).status_code == 400


def test_lineage_leads_both_ways(client: TestClient) -> None:
    old, new = document(client, "旧.txt"), document(client, "新.txt")
    out = client.get(f"/v1/documents/{new}/lineage").json()
    assert [(one["direction"], one["document_id"]) for one in out] == [("out", old)]
    back = client.get(f"/v1/documents/{old}/lineage").json()
    assert [(one["direction"], one["document_id"]) for one in back] == [("in", new)]
    assert client.get("/v1/documents/0123456789abcdef/lineage").status_code == 404


def test_marks_of_a_hit_are_the_words_asked_for(client: TestClient) -> None:
    for response in (
        client.get("/v1/search", params={"q": "数据台账"}),
        client.post("/v1/search", json={"query": "数据台账"}),
    ):
        hit = response.json()["hits"][0]
        assert hit["marks"]
        assert "数据台账" in {hit["text"][start:end] for start, end in hit["marks"]}


def test_suggestions_are_words_and_titles(client: TestClient) -> None:
    body = client.get("/v1/suggest", params={"q": "智慧", "n": 3}).json()
    assert set(body) == {"suggestions", "found"}
    assert body["suggestions"]
    assert len(body["suggestions"]) <= 3
    assert all("智慧" in one for one in body["suggestions"])
    assert client.get("/v1/suggest", params={"q": " "}).json()["suggestions"] == []
    assert client.get("/v1/suggest", params={"q": "智", "n": 0}).status_code == 422


def test_in_force_as_of_a_day_is_a_filter(client: TestClient) -> None:
    response = client.get("/v1/clauses", params={"in_force": True, "as_of": "2020-01-01"})
    assert response.status_code == 200
    posted = client.post(
        "/v1/search", json={"query": "台账", "filters": {"as_of": "2020-01-01", "in_force": True}}
    )
    assert posted.status_code == 200


def test_two_documents_clause_by_clause(client: TestClient) -> None:
    ids = {"old": document(client, "旧.txt"), "new": document(client, "新.txt")}
    diff = client.get("/v1/diff", params=ids).json()
    assert (diff["counts"]["added"], diff["counts"]["removed"]) == (2, 1)
    words = next(each for each in diff["changes"] if each["new"] and "健全" in each["new"]["text"])
    assert any("健全" in word["new"] for word in words["words"] if word["op"] != "equal")
    assert client.get("/v1/diff", params={**ids, "old": "0" * 16}).status_code == 404
    assert client.get("/v1/diff", params={"old": ids["old"]}).status_code == 422


def test_the_comparison_as_a_page_is_a_file_with_nothing_to_run(client: TestClient) -> None:
    ids = {"old": document(client, "旧.txt"), "new": document(client, "新.txt"), "format": "html"}
    page = client.get("/v1/diff", params=ids)
    assert page.headers["content-disposition"] == 'attachment; filename="diff.html"'
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


def test_uploaded_versions_are_compared_and_not_kept(client: TestClient) -> None:
    before = client.get("/v1/documents").json()
    changed = OLD.replace("清洁能源", "可再生能源").encode()
    files = {"new": ("../../改.txt", changed)}
    diff = client.post("/v1/diff", files=files, data={"old_id": document(client, "旧.txt")})
    assert diff.status_code == 200, diff.text
    assert diff.json()["counts"]["changed"] == 1
    assert client.get("/v1/documents").json() == before


@pytest.mark.parametrize(
    ("data", "files"),
    [
        ({"old_id": "0" * 16}, {}),
        ({"old_id": "0" * 16, "new_id": "1" * 16}, {"new": ("a.txt", b"x")}),
        ({}, {}),
    ],
)
def test_each_version_is_given_once(
    client: TestClient, data: dict[str, str], files: dict[str, Any]
) -> None:
    response = client.post("/v1/diff", data=data, files=files)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] in {"old", "new"}


def test_a_version_that_cannot_be_read_is_a_problem(client: TestClient) -> None:
    files = {"old": ("坏.pdf", b"no pdf"), "new": ("好.txt", OLD.encode())}
    response = client.post("/v1/diff", files=files)
    assert response.status_code == 422
    assert "坏.pdf" in response.json()["detail"]


def test_a_draft_is_checked_as_a_file_and_as_text(client: TestClient) -> None:
    draft = "我们认为“港口经营人应当建立健全数据账簿”是对的，见《智慧港口建设管理办法》。\n"
    as_text = client.post("/v1/check", data={"text": draft}).json()
    as_file = client.post("/v1/check", files={"file": ("草稿.txt", draft.encode())}).json()
    assert as_text["findings"] == as_file["findings"]
    assert as_text["counts"]["altered"] == 1
    assert as_text["counts"]["exact"] == 1
    altered = next(one for one in as_text["findings"] if one["status"] == "altered")
    assert altered["matches"][0]["differences"]


@pytest.mark.parametrize("both", [True, False])
def test_a_draft_is_sent_once(client: TestClient, both: bool) -> None:
    sent: dict[str, Any] = {}
    if both:
        sent = {"data": {"text": "a"}, "files": {"file": ("a.txt", b"a")}}
    response = client.post("/v1/check", **sent)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "file"
