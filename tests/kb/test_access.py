"""Keys of the service: made, listed, revoked, checked; what is kept of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kb import InvalidInput, KnowledgeBase, NotFound
from kb.cli import run

pytestmark = pytest.mark.backends("local", "postgresql")


def test_a_token_opens_until_its_key_is_revoked(base: KnowledgeBase) -> None:
    made = base.make_key("网站", ["read"])
    assert base.authenticate(made.token) == made.key
    ended = base.revoke_key(made.key.key_id)
    assert ended.revoked_at is not None
    assert base.authenticate(made.token) is None
    assert base.keys() == (ended,)


def test_revoking_again_keeps_the_first_time(base: KnowledgeBase) -> None:
    key_id = base.make_key("a", ["read"]).key.key_id
    assert base.revoke_key(key_id) == base.revoke_key(key_id)


def test_a_token_is_long_random_and_nowhere_kept(base: KnowledgeBase) -> None:
    tokens = {base.make_key("a", ["read"]).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"pkb_[0-9a-f]{16}_[0-9a-f]{64}", token) for token in tokens)
    secrets = [token.rpartition("_")[2].encode() for token in tokens]
    base.close()
    kept = b"".join(path.read_bytes() for path in base.home.rglob("*") if path.is_file())
    assert not any(secret in kept for secret in secrets)


@pytest.mark.parametrize("change", ["last", "id", "none", "prefix", "long", "nothing", "unicode"])
def test_what_is_not_the_token_opens_nothing(base: KnowledgeBase, change: str) -> None:
    token = base.make_key("a", ["admin"]).token
    other = base.make_key("b", ["read"]).token
    wrong = {
        "last": token[:-1] + ("0" if token[-1] != "0" else "1"),
        "id": other[:21] + token[21:],
        "none": "pkb_" + "0" * 16 + "_" + "0" * 64,
        "prefix": token[:-8],
        "long": token + "0",
        "nothing": "",
        "unicode": token[:-1] + "０",
    }[change]
    assert base.authenticate(wrong) is None


def test_the_secret_of_nothing_opens_no_unknown_key(base: KnowledgeBase) -> None:
    # What an unknown id is compared with is the hash of no bytes at all.
    assert base.authenticate("pkb__") is None
    assert base.authenticate(f"pkb_{'0' * 16}_") is None


def test_scopes_are_of_a_key_alone_but_admin_has_all(base: KnowledgeBase) -> None:
    write = base.make_key("w", ["write"]).key
    assert (write.allows("read"), write.allows("write"), write.allows("admin")) == (0, 1, 0)
    admin = base.make_key("a", ["admin"]).key
    assert admin.allows("read") and admin.allows("write")


@pytest.mark.parametrize(
    ("name", "scopes", "collections", "field"),
    [
        (" ", ["read"], (), "name"),
        ("a\nb", ["read"], (), "name"),
        ("a", [], (), "scope"),
        ("a", ["root"], (), "scope"),
        ("a", ["read"], ("x/y",), "collection"),
        ("a", ["read"], ("",), "collection"),
        ("a", ["admin"], ("x",), "collection"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    base: KnowledgeBase, name: str, scopes: list[str], collections: tuple[str, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        base.make_key(name, scopes, collections)
    assert caught.value.field == field
    assert base.keys() == ()


def test_an_unknown_key_is_not_revoked(base: KnowledgeBase) -> None:
    with pytest.raises(NotFound, match="policykb key list"):
        base.revoke_key("0" * 16)


def test_the_audit_has_the_newest_first(base: KnowledgeBase) -> None:
    base.record_audit("DELETE /v1/documents/x", "x", 204, key_id="1" * 16, address="::1")
    base.record_audit("POST /v1/documents", "意见.pdf", 201, request_id="r")
    newest, oldest = base.audit()
    assert (newest.subject, newest.status, newest.request_id) == ("意见.pdf", 201, "r")
    assert (oldest.key_id, oldest.address, oldest.number) == ("1" * 16, "::1", 1)
    assert base.audit(limit=1) == (newest,)
    with pytest.raises(InvalidInput):
        base.audit(limit=0)


def test_keys_change_nothing_that_is_searched(filled: KnowledgeBase) -> None:
    before = filled.revision()
    filled.make_key("a", ["read"])
    filled.record_audit("POST", "", 200)
    assert filled.revision() == before


def test_a_base_opened_for_reading_makes_no_key(filled: KnowledgeBase) -> None:
    with KnowledgeBase.open(filled.home, read_only=True) as base, pytest.raises(InvalidInput):
        base.make_key("a", ["read"])


def test_the_command_line_shows_a_token_once(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--home", str(home))
    made = [
        "key",
        "make",
        "公众网站",
        "--scope",
        "read",
        "--scope",
        "write",
        "--collection",
        "公开",
    ]
    assert run([*made, *where, "--json"]) == 0
    key = json.loads(capsys.readouterr().out)
    assert key["scopes"] == ["read", "write"]
    assert key["collections"] == ["公开"]
    assert run(["key", "list", *where, "--json"]) == 0
    listed = capsys.readouterr().out
    assert json.loads(listed)["keys"][0]["key_id"] == key["key_id"]
    assert key["token"] not in listed
    assert run(["key", "list", *where]) == 0
    assert "公众网站" in capsys.readouterr().out
    assert run(["key", "revoke", key["key_id"], *where]) == 0
    with KnowledgeBase.open(home) as base:
        assert base.authenticate(key["token"]) is None


def test_the_token_alone_goes_to_stdout(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "make", "a", "--scope", "read", "--home", str(home)]) == 0
    printed = capsys.readouterr()
    assert re.fullmatch(r"pkb_\w+\n", printed.out)
    assert "once" in printed.err


def test_an_unknown_scope_is_wrong_usage(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "make", "a", "--scope", "root", "--home", str(home)]) == 2
    assert "read, write, admin" in capsys.readouterr().err
