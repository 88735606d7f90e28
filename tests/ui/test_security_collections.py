"""A key of one collection tries to get at what is in another, by every route there is."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest
from fastapi.testclient import TestClient

from kb import KnowledgeBase
from ui.api import ServiceOptions, create_app

OPEN = (
    "关于加快冷链物流发展的意见\n\n（一）贯彻《关于鲸鱼座计划的通知》，新增库容。（财政部负责）\n"
)
HIDDEN = """关于鲸鱼座计划的通知

国秘发〔2024〕7号

自发布之日起，《关于加快冷链物流发展的意见》同时废止。

一、紫云英专项
（一）2025年底前设立紫云英基金八十八亿元。（外交部牵头，财政部负责）
"""
#: What nobody of the open collection has ever read or typed.
SECRETS = ("紫云英", "八十八亿", "国秘发", "外交部", "sekret", "2025-12-31")


@dataclass
class Spy:
    """A client with a key of the collection "open", and what it must not see."""

    client: TestClient
    key: dict[str, str]
    owner: dict[str, str]
    opened: str
    hidden: str
    hidden_clause: str

    def get(self, path: str, **given: Any) -> Any:
        return self.client.get(path, headers=self.key, **given)

    def secrets_in(self, content: bytes) -> list[str]:
        texts = [content]
        if is_zipfile(io.BytesIO(content)):
            with ZipFile(io.BytesIO(content)) as archive:
                texts = [archive.read(name) for name in archive.namelist()]
        told = b"\n".join(texts).decode("utf-8", "replace")
        escaped = [json.dumps(secret).strip('"') for secret in SECRETS]
        return [one for one in (*SECRETS, *escaped, self.hidden, self.hidden_clause) if one in told]


@pytest.fixture(scope="module")
def spy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spy]:
    home = tmp_path_factory.mktemp("spied") / "home"
    with KnowledgeBase.open(home) as base:
        hidden = base.ingest_bytes("sekret.txt", HIDDEN.encode(), collection="sekret").document_id
        opened = base.ingest_bytes("冷链.txt", OPEN.encode(), collection="open").document_id
        assert hidden and opened
        clause = base.clauses(ministry="外交部").clauses[0].clause_id
        key = base.make_key("spy", ["read", "write"], ["open"]).token
        owner = base.make_key("owner", ["admin"]).token
    app = create_app(ServiceOptions(home=str(home), require_keys=True, hosts=("*",)))
    with TestClient(app, raise_server_exceptions=False) as client:
        headers = [{"Authorization": f"Bearer {token}"} for token in (key, owner)]
        yield Spy(client, headers[0], headers[1], opened, hidden, clause)


BY_ID = [
    "/v1/documents/{id}",
    "/v1/documents/{id}/original",
    "/v1/documents/{id}/pages/1",
    "/v1/documents/{id}/pages/1.png",
    "/v1/documents/{id}/pages/1.png?highlight=0-20",
    "/v1/documents/{id}/lineage",
    "/v1/documents/{id}/sentence?start=0&end=20",
    "/v1/search?q=基金&document={id}",
    "/v1/ask?q=基金&document={id}",
    "/v1/clauses?document={id}",
    "/v1/matrix?document={id}",
    "/v1/documents?document={id}",
]


@pytest.mark.parametrize("path", BY_ID)
def test_a_foreign_document_is_as_one_that_never_was(spy: Spy, path: str) -> None:
    foreign = spy.get(path.format(id=spy.hidden))
    never = spy.get(path.format(id="0" * 16))
    assert foreign.status_code == never.status_code
    assert foreign.text.replace(spy.hidden, "0" * 16) == never.text
    if "documents?" not in path:
        assert foreign.status_code == 404
    assert spy.client.get(path.format(id=spy.hidden), headers=spy.owner).status_code in {200, 422}


def test_a_foreign_clause_has_no_address(spy: Spy) -> None:
    for path in (f"/v1/clauses/{spy.hidden_clause}", f"/c/{spy.hidden_clause}"):
        assert spy.client.get(path, headers=spy.owner).status_code == 200
        assert spy.get(path).status_code == 404
        page = spy.client.get(path, headers={**spy.key, "Accept": "text/html"})
        assert page.status_code == 404


LISTS = [
    "/v1/documents",
    "/v1/clauses",
    "/v1/clauses?ministry=财政部",
    "/v1/clauses?limit=1",
    "/v1/matrix",
    "/v1/registry/财政部",
    "/v1/suggest?q=关于",
    "/v1/suggest?q=一",
    "/v1/search?q=基金&k=100",
    "/v1/search?q=设立基金&k=100&mode=lexical",
    "/v1/search?q=设立基金&k=100&mode=dense",
    "/v1/ask?q=设立了什么基金？",
    "/v1/ask?q=财政部负责什么？",
    "/v1/documents/{opened}",
    "/v1/documents/{opened}/lineage",
    "/v1/models",
    "/openapi.json",
]
FILES = [
    f"/v1/{route}format={kind}"
    for route in ("search?q=基金&", "ask?q=财政部负责什么？&", "clauses?", "matrix?")
    for kind in ("xlsx", "csv", "md", "docx")
    if (route, kind) != ("matrix?", "docx")
]


@pytest.mark.parametrize("path", LISTS + FILES)
def test_nothing_of_a_foreign_document_is_told(spy: Spy, path: str) -> None:
    response = spy.get(path.format(opened=spy.opened))
    assert response.status_code in {200, 404, 400}, response.text
    assert spy.secrets_in(response.content) == []


def test_the_owner_sees_the_secrets_the_spy_does_not(spy: Spy) -> None:
    shown = [spy.client.get(path.format(opened=spy.opened), headers=spy.owner) for path in LISTS]
    leaky = [path for path, one in zip(LISTS, shown, strict=True) if spy.secrets_in(one.content)]
    # The test above would be worth nothing if these held no secret to anybody.
    assert len(leaky) >= 10, leaky


def test_counts_are_of_the_collection(spy: Spy) -> None:
    assert spy.get("/v1/clauses").json()["total"] == 1
    assert len(spy.get("/v1/documents").json()) == 1
    assert spy.get("/v1/registry/外交部").json().get("clauses", {}).get("any", 0) == 0


def test_a_draft_is_not_told_what_foreign_documents_say(spy: Spy) -> None:
    draft = "草稿：“设立紫云英基金八十八亿元”，见国秘发〔2024〕7号《关于鲸鱼座计划的通知》。"
    files = {"file": ("草稿.txt", draft.encode())}
    checked = spy.client.post("/v1/check", files=files, headers=spy.key)
    assert checked.status_code == 200, checked.text
    assert spy.hidden not in checked.text
    assert checked.json()["counts"]["exact"] == 0


def test_foreign_documents_cannot_be_compared(spy: Spy) -> None:
    for body in ({"old": spy.hidden, "new": spy.opened}, {"old": spy.opened, "new": spy.hidden}):
        response = spy.client.get("/v1/diff", params=body, headers=spy.key)
        assert response.status_code in {404, 405, 422}
        response = spy.client.post("/v1/diff", data=body, headers=spy.key)
        assert response.status_code in {404, 422}, response.text
        assert spy.secrets_in(response.content) in ([], [spy.hidden])


def test_foreign_documents_cannot_be_changed(spy: Spy) -> None:
    path = f"/v1/documents/{spy.hidden}"
    assert spy.client.delete(path, headers=spy.key).status_code == 404
    files = {"file": ("a.txt", b"x")}
    assert spy.client.put(path, files=files, headers=spy.key).status_code == 404
    assert spy.client.get(path, headers=spy.owner).status_code == 200


@pytest.mark.parametrize("path", ["/v1/documents", "/v1/jobs"])
def test_uploads_into_foreign_collections_are_refused(spy: Spy, path: str) -> None:
    files = [("files", ("sekret.txt", "替换内容。".encode()))]
    response = spy.client.post(path, params={"collection": "sekret"}, files=files, headers=spy.key)
    assert response.status_code == 403
    assert spy.client.get(f"/v1/documents/{spy.hidden}", headers=spy.owner).status_code == 200


def test_an_upload_of_a_foreign_name_replaces_nothing_foreign(spy: Spy) -> None:
    for name in ("sekret.txt", "sekret/sekret.txt", "../sekret/sekret.txt"):
        files = [("files", (name, f"另一份同名文件{name}。".encode()))]
        report = spy.client.post("/v1/documents", files=files, headers=spy.key).json()[0]
        assert report["status"] in {"added", "replaced"}
        spy.client.delete(f"/v1/documents/{report['document_id']}", headers=spy.key)
    whole = spy.client.get(f"/v1/documents/{spy.hidden}", headers=spy.owner).json()
    assert whole["superseded_by"] is None


def test_jobs_of_others_are_not_told(spy: Spy) -> None:
    files = [("files", ("主人.txt", "主人的文件。".encode()))]
    taken = spy.client.post("/v1/jobs", files=files, headers=spy.owner)
    job = taken.json()["job_id"]
    assert spy.get("/v1/jobs").json() == []
    for method, path in (("GET", job), ("GET", f"{job}/events"), ("DELETE", job)):
        response = spy.client.request(method, f"/v1/jobs/{path}", headers=spy.key)
        assert response.status_code == 404
        assert "主人" not in response.text


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("search", {"query": "设立基金", "k": 50}),
        ("ask", {"question": "设立了什么基金？"}),
        ("find_clauses", {}),
        ("list_ministries", {}),
        ("list_documents", {}),
        ("get_clause", {"clause_id": "{clause}"}),
        ("get_page", {"document_id": "{hidden}", "page": 1}),
    ],
)
def test_mcp_tells_nothing_either(spy: Spy, name: str, arguments: dict[str, Any]) -> None:
    sent = json.loads(
        json.dumps(arguments).replace("{clause}", spy.hidden_clause).replace("{hidden}", spy.hidden)
    )
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": name, "arguments": sent},
    }
    accept = {"Accept": "application/json, text/event-stream"}
    response = spy.client.post("/mcp", json=body, headers={**spy.key, **accept})
    assert response.status_code == 200, response.text
    asked = {spy.hidden_clause, spy.hidden} if name.startswith("get_") else set()
    assert set(spy.secrets_in(response.content)) <= asked
    whole = spy.client.post("/mcp", json=body, headers={**spy.owner, **accept})
    assert spy.secrets_in(whole.content)


def test_openai_s_routes_tell_nothing_either(spy: Spy) -> None:
    body = {"messages": [{"role": "user", "content": "财政部负责什么？"}]}
    response = spy.client.post("/v1/chat/completions", json=body, headers=spy.key)
    assert response.status_code == 200
    assert spy.secrets_in(response.content) == []


def test_the_whole_s_routes_are_closed(spy: Spy, tmp_path: Path) -> None:
    for method, path in (
        ("GET", "/v1/stats"),
        ("GET", "/v1/audit"),
        ("GET", "/v1/keys"),
        ("POST", "/v1/keys"),
        ("POST", "/v1/rebuild"),
        ("GET", "/metrics"),
    ):
        assert spy.client.request(method, path, headers=spy.key).status_code == 403


def test_a_tag_of_the_owner_opens_nothing(spy: Spy) -> None:
    path = f"/v1/documents/{spy.hidden}"
    tag = spy.client.get(path, headers=spy.owner).headers["etag"]
    for held in (tag, "*"):
        response = spy.client.get(path, headers={**spy.key, "If-None-Match": held})
        assert response.status_code == 404
