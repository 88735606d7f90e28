"""The command line: the JSON contract, exit statuses, one line for each error."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kb.cli import run
from kb.cli.output import plain


@dataclass
class Outcome:
    """What one command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Policykb = Callable[..., Outcome]


@pytest.fixture
def policykb(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Policykb:
    """Run one command on a home of its own."""
    monkeypatch.setenv("POLICYKB_HOME", str(home))

    def called(*arguments: object) -> Outcome:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return called


@pytest.fixture
def sample(policykb: Policykb, files: dict[str, Path]) -> list[dict[str, Any]]:
    """Ingest the sample files by the command line and return their reports."""
    outcome = policykb("ingest", *files.values(), "--json")
    assert outcome.status == 0
    return list(outcome.json["documents"])


def assert_one_line(outcome: Outcome, status: int, said: str) -> None:
    assert outcome.status == status
    assert outcome.out == ""
    [line] = outcome.err.splitlines()
    assert line.startswith("policykb: ")
    assert said in line


def test_ingest_prints_the_contract(sample: list[dict[str, Any]], files: dict[str, Path]) -> None:
    first = next(item for item in sample if item["path"] == str(files["opinion"]))
    assert set(first) == {
        "path",
        "document_id",
        "status",
        "pages",
        "passages",
        "seconds",
        "warnings",
        "error",
    }
    assert (first["status"], first["pages"], first["error"]) == ("added", 1, None)
    assert len(first["document_id"]) == 16


def test_search_prints_the_contract(policykb: Policykb, sample: list[dict[str, Any]]) -> None:
    found = policykb("search", "更新低温运输车辆", "-k", 1, "--json").json
    assert found["query"] == "更新低温运输车辆"
    [hit] = found["hits"]
    assert set(hit) == {
        "rank",
        "score",
        "passage_id",
        "document_id",
        "title",
        "page",
        "pages",
        "heading_path",
        "clause",
        "text",
        "boxes",
        "also_in",
        "joined",
        "exact",
    }
    assert (hit["rank"], hit["page"], hit["pages"], hit["clause"]) == (1, 1, [1], "（二）")


def test_boxes_are_rounded_points_on_their_page(policykb: Policykb, two_pages: Path) -> None:
    policykb("ingest", two_pages)
    [hit] = policykb("search", "养殖工船", "-k", 1, "--json").json["hits"]
    assert hit["page"] == 2
    for box in hit["boxes"]:
        assert set(box) == {"page", "x0", "y0", "x1", "y1"}
        assert all(round(box[side], 2) == box[side] for side in ("x0", "y0", "x1", "y1"))


def test_clauses_print_the_contract(policykb: Policykb, sample: list[dict[str, Any]]) -> None:
    found = policykb("clauses", "--ministry", "发改委", "--role", "lead", "--json").json
    assert found["ministry"]["name"] == "国家发展和改革委员会"
    assert "国家发展改革委" in found["ministry"]["matched_via"]
    [clause] = found["clauses"]
    assert set(clause) >= {
        "clause_id",
        "document_id",
        "title",
        "number",
        "heading_path",
        "text",
        "page",
        "boxes",
        "responsibility",
    }
    assert clause["responsibility"][0] == {
        "ministry": "国家发展和改革委员会",
        "as_written": "国家发展改革委",
        "role": "lead",
        "implicit": False,
    }
    everything = policykb("clauses", "--json").json
    assert everything["ministry"] is None
    assert len(everything["clauses"]) >= 3


def test_parse_prints_the_contract_and_touches_nothing(
    policykb: Policykb, files: dict[str, Path], two_pages: Path, home: Path
) -> None:
    parsed = policykb("parse", files["opinion"], "--json").json
    assert set(parsed) == {"metadata", "pages", "clauses", "warnings", "references"}
    assert set(parsed["metadata"]) == {
        "title",
        "document_number",
        "issuers",
        "issued_on",
        "document_type",
        "validity",
        "effective_on",
        "addressees",
        "language",
    }
    [page] = parsed["pages"]
    assert (page["number"], page["source"]) == (1, "text")
    assert "新增库容300万立方米" in page["text"]
    assert {block["kind"] for block in page["blocks"]} <= {"title", "heading", "paragraph", "list"}
    assert [clause["number"] for clause in parsed["clauses"]][-3:] == ["（一）", "（二）", "（三）"]
    parsed = policykb("parse", two_pages, "--json").json
    block = parsed["pages"][1]["blocks"][0]
    assert block["box"]["page"] == 2
    assert block["box"]["x1"] > block["box"]["x0"] > 0
    assert not home.exists()


def test_list_show_and_remove(policykb: Policykb, sample: list[dict[str, Any]]) -> None:
    listed = policykb("list", "--json").json["documents"]
    assert {item["document_id"] for item in listed} == {item["document_id"] for item in sample}
    document_id = listed[0]["document_id"]
    shown = policykb("show", document_id, "--json").json
    assert shown == {**listed[0], "relations": []}
    page = policykb("show", document_id, "--page", 1, "--json").json
    assert (page["number"], page["document_id"]) == (1, document_id)
    assert policykb("remove", document_id, "--json").json == {"removed": [document_id]}
    assert len(policykb("list", "--json").json["documents"]) == 1
    assert policykb("verify", "--json").json["ok"] is True


def test_verify_and_rebuild(policykb: Policykb, sample: list[dict[str, Any]], home: Path) -> None:
    passages = sum(item["passages"] for item in sample)
    assert policykb("rebuild", "--json").json == {"passages": passages}
    report = policykb("verify", "--json")
    assert set(report.json) == {"ok", "checked", "problems"}
    assert report.status == 0
    shutil.rmtree(home / "index")
    report = policykb("verify", "--json")
    assert report.status == 1
    [problem] = report.json["problems"]
    assert set(problem) == {"code", "message", "repairable"}
    mended = policykb("verify", "--repair", "--json")
    assert (mended.status, mended.json["ok"]) == (0, True)


def test_model_commands(policykb: Policykb, sample: list[dict[str, Any]]) -> None:
    shown = policykb("model", "--json").json
    assert shown == policykb("model", "show", "--json").json
    assert (shown["name"], shown["index_matches"]) == ("default", True)
    listed = policykb("model", "list", "--json").json
    assert listed == {"in_use": "default", "models": ["default"]}
    used = policykb("model", "use", "default", "--json")
    assert used.json == {"model": "default", "to_do": None}
    assert_one_line(policykb("model", "use", "./nowhere"), 1, "nowhere")


def test_the_home_may_stand_before_or_after_the_command(
    policykb: Policykb, tmp_path: Path, files: dict[str, Path]
) -> None:
    other = tmp_path / "other"
    assert policykb("--home", other, "ingest", files["note"]).status == 0
    assert len(policykb("list", "--home", other, "--json").json["documents"]) == 1
    assert policykb("list", "--json").json["documents"] == []


def test_people_see_wide_characters_in_line(
    policykb: Policykb, sample: list[dict[str, Any]]
) -> None:
    from rich.cells import cell_len

    header, *rows = policykb("list").out.splitlines()
    ends = {cell_len(row.rstrip()) for row in (header, *rows)}
    assert len(ends) == 1
    shown = policykb("search", "更新低温运输车辆", "-k", 1).out
    assert "关于促进冷链物流高质量发展的若干意见  page 1, clause （二）" in shown
    assert "二、重点任务" in shown
    clauses = policykb("clauses", "--ministry", "发改委").out
    assert "国家发展和改革委员会 (lead); 交通运输部 (participant)" in clauses
    assert "matched via" in clauses
    progress = policykb("ingest", Path(sample[0]["path"]), "--force").err
    assert ": replaced, 1 page," in progress


def test_a_document_cannot_command_the_terminal(policykb: Policykb, files: dict[str, Path]) -> None:
    files["note"].write_text("航运\x1b]0;提示\x07 \u202e反向\u202c 班轮\x9b31m准班率。", "utf-8")
    policykb("ingest", files["note"])
    out = policykb("search", "班轮").out + policykb("list").out
    assert "准班率" in out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out)


def test_plain_keeps_lines() -> None:
    assert plain("甲\n乙\t丙\x1b[1m") == "甲\n乙\t丙 [1m"


def test_json_output_is_alone_on_stdout(policykb: Policykb, files: dict[str, Path]) -> None:
    outcome = policykb("ingest", files["note"].parent, "--json")
    json.loads(outcome.out)
    assert "added, 1 page," in outcome.err
    assert "\x1b" not in outcome.err


# What is wrong, and what is said of it


def test_no_such_file(policykb: Policykb, files: dict[str, Path]) -> None:
    outcome = policykb("ingest", "nowhere.pdf", "--json")
    assert outcome.status == 1
    assert outcome.err == "policykb: nowhere.pdf: no such file or folder\n"
    [item] = outcome.json["documents"]
    assert (item["status"], item["error"]["code"]) == ("failed", "no-such-file")
    assert policykb("ingest", "nowhere.pdf", files["note"]).status == 3
    assert_one_line(policykb("parse", "nowhere.pdf"), 1, "nowhere.pdf: no such file")


def test_a_folder_and_a_pattern_with_nothing_in_them(policykb: Policykb, tmp_path: Path) -> None:
    (tmp_path / "照片.xyz").touch()
    for argument in (tmp_path, tmp_path / "*.pdf"):
        outcome = policykb("ingest", argument, "--json")
        assert outcome.status == 1
        assert outcome.err.startswith(f"policykb: {argument}: no ")
        assert len(outcome.err.splitlines()) == 1


def test_not_a_pdf_an_encrypted_one_and_an_empty_file(
    policykb: Policykb, tmp_path: Path, write_pdf: Callable[..., Path]
) -> None:
    import pymupdf

    locked = write_pdf(
        "密.pdf", ["内容"], encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="开", owner_pw="主"
    )
    for name, data in {"假.pdf": b"just words" * 30 + b"\0\1\2", "空.pdf": b""}.items():
        (tmp_path / name).write_bytes(data)
    outcome = policykb("ingest", tmp_path / "假.pdf", locked, tmp_path / "空.pdf", "--json")
    assert outcome.status == 1
    codes = {Path(i["path"]).name: i["error"]["code"] for i in outcome.json["documents"]}
    assert codes["密.pdf"] == "encrypted"
    assert codes["空.pdf"] == "unreadable"
    assert codes["假.pdf"] in {"unreadable", "unsupported-format"}
    lines = outcome.err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("policykb: ") for line in lines)
    assert policykb("ingest", locked, "--password", "开").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", ""), "empty"),
        (("ask", "   "), "empty"),
        (("search", "冷链", "-k", "0"), "-k"),
        (("search", "冷链", "-k", "many"), "-k"),
        (("search", "冷链", "--mode", "psychic"), "hybrid, lexical, dense"),
        (("search", "冷链", "--since", "last year"), "YYYY-MM-DD"),
        (("search", "冷链", "--since", "2024-02-01", "--until", "2024-01-01"), "no document"),
        (("search", "冷链", "--colour", "red"), "--colour"),
        (("search",), "QUERY"),
        (("ingest",), "PATH"),
        (("ingest", "x", "--ocr", "maybe"), "auto, never, always"),
        (("clauses", "--role", "boss"), "lead, participant, joint, any"),
        (("dance",), "dance"),
    ],
)
def test_wrong_usage(policykb: Policykb, arguments: tuple[str, ...], said: str) -> None:
    assert_one_line(policykb(*arguments), 2, said)


def test_no_command_shows_the_help(policykb: Policykb) -> None:
    outcome = policykb()
    assert outcome.status == 2
    assert "ingest" in outcome.err
    assert "retrieval" in policykb("eval").err
    assert policykb("--help").status == 0
    assert policykb("--version").out.startswith("policykb ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "0123456789abcdef"),
        ("remove", "0123456789abcdef"),
        ("search", "冷链", "--document", "0123456789abcdef"),
        ("clauses", "--document", "0123456789abcdef"),
    ],
)
def test_an_unknown_document(policykb: Policykb, arguments: tuple[str, ...]) -> None:
    assert_one_line(policykb(*arguments), 1, "policykb list")


def test_a_home_of_a_newer_version(policykb: Policykb, home: Path) -> None:
    policykb("list")
    with sqlite3.connect(home / "store.sqlite3") as database:
        database.execute("INSERT INTO schema_version VALUES (999, '2040-01-01')")
    database.close()
    assert_one_line(policykb("list"), 1, "newer version")


def test_a_home_whose_index_was_deleted(
    policykb: Policykb, sample: list[dict[str, Any]], home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(home / "index")
    outcome = policykb("search", "冷链", "--json")
    assert outcome.status == 0
    assert outcome.json["hits"]
    assert "rebuilding it" in caplog.text


def test_a_home_that_is_a_file(policykb: Policykb, files: dict[str, Path]) -> None:
    assert_one_line(policykb("list", "--home", files["note"]), 1, "is a file")


def test_a_damaged_database(policykb: Policykb, home: Path) -> None:
    home.mkdir()
    (home / "store.sqlite3").write_bytes(b"?" * 9000)
    assert_one_line(policykb("list"), 1, "damaged")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions work otherwise there")
def test_a_home_that_may_not_be_written(policykb: Policykb, tmp_path: Path) -> None:
    outcome = policykb("list", "--home", "/proc/policykb")
    assert_one_line(outcome, 1, "/proc/policykb")


def test_wrong_settings_are_named(policykb: Policykb, home: Path) -> None:
    home.mkdir()
    (home / "policykb.toml").write_text("colour = 1", "utf-8")
    assert_one_line(policykb("list"), 1, "unknown setting 'colour'")


@pytest.mark.parametrize("arguments", [("search", "冷链"), ("ask", "冷链由谁负责？")])
def test_an_empty_knowledge_base_says_how_to_fill_it(
    policykb: Policykb, arguments: tuple[str, ...]
) -> None:
    outcome = policykb(*arguments)
    assert outcome.status == 0
    assert outcome.err.endswith("holds no documents: add some with `policykb ingest PATH`\n")
