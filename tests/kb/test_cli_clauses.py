"""`policykb clauses` and what `show` tells of lineage, as people and programs read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.cli import run

MEASURES = """渡口安全管理办法

第一条 渡口经营人应当在2026年6月30日前配齐救生设备。（交通运输部负责）
第二条 禁止超载。鼓励渡口经营人安装视频监控。（交通运输部牵头，公安部参加）
第三条 本办法自2025年10月1日起施行。《渡口管理暂行办法》同时废止。
"""
EARLIER = """渡口管理暂行办法

第一条 渡口应当设置标志。
第二条 本办法自2001年1月1日起施行。
"""


@pytest.fixture
def ferries(home: Path, tmp_path: Path) -> dict[str, str]:
    """Return the ids of two documents, the second repealed by the first."""
    with KnowledgeBase.open(home) as base:
        ids = {}
        for name, text in (("new", MEASURES), ("old", EARLIER)):
            (tmp_path / f"{name}.txt").write_text(text, "utf-8")
            [report] = base.ingest([tmp_path / f"{name}.txt"], workers=1).documents
            ids[name] = str(report.document_id)
    return ids


def told(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> str:
    capsys.readouterr()
    assert run([*arguments, "--home", str(home)]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("ferries")
def test_counts_stand_below_the_clauses(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    out = told(capsys, home, "clauses", "--ministry", "交通部", "--limit", "1")
    assert "2 clauses, 1 of them shown" in out
    counted = out[out.index("2 clauses") :].split()
    assert counted[counted.index("交通运输部") + 1 :][:3] == ["2", "0", "0"]
    assert "must; by 2026-06-30" in out


@pytest.mark.usefixtures("ferries")
def test_clauses_by_what_they_ask(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    for option, value, expected in (
        ("--obligation", "must-not", ["第二条"]),
        ("--text", "视频监控", ["第二条"]),
        ("--due-before", "2026-06-30", ["第一条"]),
        ("--as-of", "2010-01-01", ["第一条", "第二条"]),
    ):
        found = json.loads(told(capsys, home, "clauses", option, value, "--json"))
        assert [clause["number"] for clause in found["clauses"]] == expected
        assert found["total"] == len(expected)


@pytest.mark.usefixtures("ferries")
def test_a_timeline(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    out = told(capsys, home, "clauses", "--timeline")
    assert "2026-06-30" in out
    assert "渡口安全管理办法, page 1, clause 第一条" in out
    shown = json.loads(told(capsys, home, "clauses", "--timeline", "--json"))
    assert {entry["due"] for entry in shown["timeline"]} >= {"2026-06-30"}
    assert shown["ministry"] is None


def test_lineage_is_shown_both_ways(
    capsys: pytest.CaptureFixture[str], home: Path, ferries: dict[str, str]
) -> None:
    out = told(capsys, home, "show", ferries["old"])
    assert f"repealed by  {ferries['new']} from 2025-10-01 on" in out.replace("   ", "  ")
    assert "What others say of it:" in out
    assert "clause 第三条" in out
    out = told(capsys, home, "show", ferries["new"])
    assert "What it says of others:" in out
    shown = json.loads(told(capsys, home, "show", ferries["new"], "--json"))
    [relation] = [each for each in shown["relations"] if each["kind"] == "repeals"]
    assert relation["document_id"] == ferries["old"]
    assert shown["document_id"] == ferries["new"]


def test_list_as_of_a_day(
    capsys: pytest.CaptureFixture[str], home: Path, ferries: dict[str, str]
) -> None:
    shown = json.loads(told(capsys, home, "list", "--as-of", "2010-01-01", "--json"))
    assert [info["document_id"] for info in shown["documents"]] == [ferries["old"]]


@pytest.mark.parametrize(
    "wrong",
    [["--obligation", "should"], ["--due-before", "soon"], ["--limit", "-1"], ["--text", "，"]],
)
def test_wrong_usage_is_status_2(home: Path, ferries: dict[str, str], wrong: list[str]) -> None:
    assert run(["clauses", *wrong, "--home", str(home)]) == 2
