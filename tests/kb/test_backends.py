"""Addresses of engines: what they must be, and what of them may be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import HomeProblem
from kb.backends import EXAMPLES, fault_of, shown
from kb.config import load_settings


@pytest.mark.parametrize(("setting", "address"), EXAMPLES.items())
def test_examples_are_taken(setting: str, address: str) -> None:
    assert fault_of(setting, address) is None
    assert fault_of(setting, "") is None


@pytest.mark.parametrize(
    ("setting", "address", "said"),
    [
        ("store", "mysql://u:s3cret@h/db", "must be empty or begin with postgresql+psycopg://"),
        ("store", "postgresql://u:s3cret@h", "names no database"),
        ("store", "postgresql://u:s3cret@/db", "names no host"),
        ("store", "postgresql://u:s3cret@h:port/db", "has a host or port that is none"),
        ("index", "http://u:s3cret@h:19530/kb", "must be empty or begin with milvus://"),
        ("index", "milvus://u:s3cret@h:19530", "names no collection"),
        ("executor", "s3cret", "must be empty or begin with ray://"),
        ("originals", "S3 bucket://s3cret", "is no URL"),
    ],
)
def test_others_are_refused_and_never_repeated(
    home: Path, setting: str, address: str, said: str
) -> None:
    with pytest.raises(HomeProblem) as refused:
        load_settings(home, {f"POLICYKB_{setting.upper()}": address})
    assert f"POLICYKB_{setting.upper()}: {setting} {said}" in refused.value.message
    assert EXAMPLES[setting] in refused.value.message
    assert "s3cret" not in refused.value.message


def test_the_former_name_of_a_setting_still_holds(home: Path) -> None:
    home.mkdir()
    (home / "policykb.toml").write_text('database = "sqlite:////srv/x.sqlite3"\n', "utf-8")
    assert load_settings(home, {}).store == "sqlite:////srv/x.sqlite3"
    assert load_settings(home, {"POLICYKB_DATABASE": "sqlite:////y"}).store == "sqlite:////y"


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("postgresql://u:a@b:c@h/db", "postgresql://u:***@h/db"),
        ("s3://key:secret@bucket/x?token=t&a=b", "s3://key:***@bucket/x?token=***&a=b"),
        ("milvus://h:19530/kb", "milvus://h:19530/kb"),
        ("/srv/originals", "/srv/originals"),
    ],
)
def test_what_is_secret_is_not_shown(address: str, seen: str) -> None:
    assert shown(address) == seen
