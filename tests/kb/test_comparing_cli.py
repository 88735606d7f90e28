"""diff and check on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.cli import run


@pytest.fixture
def revised(files: dict[str, Path], tmp_path: Path) -> Path:
    """Return a later version of the opinion."""
    text = files["opinion"].read_text("utf-8")
    path = tmp_path / "修订稿.txt"
    path.write_text(text.replace("300万立方米", "450万立方米"), "utf-8")
    return path


def test_files_are_compared_without_a_home(
    files: dict[str, Path], revised: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--home", str(home), "diff", str(files["opinion"]), str(revised)]) == 0
    out = capsys.readouterr().out
    assert "changed  （一）, page 1 → 1" in out
    assert "新增库容[-300-][+450+]万立方米" in out
    assert "1 changed" in out
    assert not home.exists()


def test_the_difference_as_json(
    files: dict[str, Path], revised: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", str(files["opinion"]), str(revised), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"old", "new", "counts", "changes"}
    [change] = [each for each in found["changes"] if each["status"] != "unchanged"]
    assert change["status"] == "changed"
    assert change["old"]["number"] == change["new"]["number"] == "（一）"
    assert {"op": "replace", "old": "300", "new": "450"} in change["words"]
    assert "".join(word["new"] for word in change["words"]) == change["new"]["text"]


def test_a_document_is_compared_with_a_file_and_written_as_a_page(
    filled: KnowledgeBase,
    home: Path,
    revised: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opinion = next(info for info in filled.documents() if info.name == "冷链意见.txt")
    page = tmp_path / "对照.html"
    arguments = ["diff", opinion.document_id, str(revised), "--html", str(page)]
    assert run([*arguments, "--home", str(home)]) == 0
    assert "wrote" in capsys.readouterr().out
    assert "<ins>450</ins>" in page.read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_a_missing_file_is_an_error(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", str(files["opinion"]), "没有.txt"]) == 1
    assert "没有.txt: no such file" in capsys.readouterr().err


def test_a_draft_is_checked(
    filled: KnowledgeBase, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "草稿.md"
    draft.write_text(
        "依据《关于促进冷链物流高质量发展的若干意见》，“新增库容350万立方米”，"
        "“建立冷藏食品温度追溯制度”。\n",
        "utf-8",
    )
    assert run(["check", str(draft), "--home", str(home)]) == 0
    out = capsys.readouterr().out
    assert "altered  page 1  “新增库容350万立方米”" in out
    assert "新增库容[-300-][+350+]万立方米" in out
    assert "追溯" not in out
    assert "2 exact, 1 altered, 0 not-found, 0 skipped" in out
    assert run(["check", str(draft), "--home", str(home), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"document", "counts", "findings"}
    kinds = [(finding["kind"], finding["status"]) for finding in found["findings"]]
    assert kinds == [("title", "exact"), ("quotation", "altered"), ("quotation", "exact")]
    assert set(found["findings"][1]) == {
        "kind", "text", "page", "clause", "boxes", "status", "matches", "message",
    }  # fmt: skip


def test_an_empty_base_is_said(
    base: KnowledgeBase, home: Path, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(files["note"]), "--home", str(home)]) == 0
    assert "policykb ingest" in capsys.readouterr().err
