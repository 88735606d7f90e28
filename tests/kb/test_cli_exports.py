"""--export, matrix and cite on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest

from kb import KnowledgeBase
from kb.cli import run
from kb.cli.grids import MOST_ROWS, print_matrix
from kb.matrix import Matrix, MatrixCell, MatrixClause, MatrixMinistry

Policykb = Callable[..., tuple[int, str, str]]


@pytest.fixture
def policykb(
    seen: KnowledgeBase, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Policykb:
    """Run one command on the sample files."""
    monkeypatch.setenv("POLICYKB_HOME", str(seen.home))

    def called(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        return (status, *capsys.readouterr())

    return called


def test_clauses_are_exported(policykb: Policykb, tmp_path: Path) -> None:
    target = tmp_path / "条款.xlsx"
    status, out, _ = policykb("clauses", "--ministry", "发改委", "--export", target)
    assert (status, out) == (0, f"wrote {target}: 1 clause\n")
    assert openpyxl.load_workbook(target)["条款"]["E2"].value == "二、重点任务"


def test_json_is_printed_beside_an_export(policykb: Policykb, tmp_path: Path) -> None:
    target = tmp_path / "条款.csv"
    status, out, _ = policykb("clauses", "--export", target, "--links", "https://kb.org", "--json")
    assert status == 0
    assert len(json.loads(out)["clauses"]) >= 3
    assert "https://kb.org/c/" in target.read_text("utf-8-sig")


@pytest.mark.parametrize("command", ["search", "ask"])
def test_what_is_asked_is_exported(policykb: Policykb, tmp_path: Path, command: str) -> None:
    target = tmp_path / "答.docx"
    status, out, _ = policykb(command, "贷款贴息由哪些部门负责？", "--export", target)
    assert status == 0
    assert out.startswith(f"wrote {target}: ")
    assert docx.Document(str(target)).paragraphs[0].text == "贷款贴息由哪些部门负责？"


@pytest.mark.parametrize(
    ("command", "name", "wanted"),
    [
        (("clauses",), "a.txt", ".xlsx, .docx, .csv, .md"),
        (("search", "问"), "a", ".xlsx, .docx, .csv, .md"),
        (("ask", "问"), "a.pdf", ".xlsx, .docx, .csv, .md"),
        (("matrix",), "a.docx", ".xlsx, .csv, .md"),
    ],
)
def test_another_suffix_is_wrong_usage(
    policykb: Policykb, tmp_path: Path, command: tuple[str, ...], name: str, wanted: str
) -> None:
    status, out, err = policykb(*command, "--export", tmp_path / name)
    assert (status, out) == (2, "")
    assert err.endswith(f"give a name ending in {wanted}\n")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / name).exists()


def test_a_folder_that_is_not_there_is_an_error(policykb: Policykb, tmp_path: Path) -> None:
    status, _, err = policykb("clauses", "--export", tmp_path / "none" / "条款.md")
    assert status == 1
    assert "check the path" in err


def test_no_server_is_wrong_usage(policykb: Policykb, tmp_path: Path) -> None:
    status, _, err = policykb("matrix", "--export", tmp_path / "a.md", "--links", "kb.org")
    assert status == 2
    assert "http://" in err


def test_matrix_shows_letters_and_what_columns_are(policykb: Policykb) -> None:
    status, out, _ = policykb("matrix")
    assert status == 0
    lines = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.strip()}
    assert lines["国家发展和改革委员会"] == ["1", "牵", "·", "·"]
    assert lines["财政部"] == ["1", "·", "共", "·"]
    assert lines["2"] == ["推广绿色装备", "page", "1,", "clause", "（二）"]
    assert "牵 leads, 共 jointly, 参 takes part" in out
    assert "not shown" not in out


def test_matrix_has_its_json(policykb: Policykb) -> None:
    _, out, _ = policykb("matrix", "--json", "--ministry", "财政部")
    found = json.loads(out)
    assert [row["name"] for row in found["ministries"]] == ["财政部", "工业和信息化部"]
    assert found["cells"][0] == {
        "ministry": 0,
        "clause": 0,
        "roles": ["joint"],
        "implicit": False,
        "as_written": ["财政部"],
    }


def test_matrix_without_bodies_says_so(policykb: Policykb) -> None:
    status, out, _ = policykb("matrix", "--type", "白皮书")
    assert (status, out) == (0, "no clause here makes a body responsible\n")


def test_a_large_matrix_is_cut_with_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    bodies = MOST_ROWS + 5
    clauses = tuple(
        MatrixClause(f"c{at}", "d", "\x1b[31m意见", f"（{at}）", (), "词", 1) for at in range(200)
    )
    rows = tuple(MatrixMinistry(f"部{at}" * 9, (), 1, 1, 0, 0, False) for at in range(bodies))
    cells = tuple(MatrixCell(at, at, ("lead", "joint"), at == 1, ("部",)) for at in range(bodies))
    print_matrix(Matrix(rows, clauses, cells))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "牵*" in out
    assert "not shown: 5 more bodies, 179 more clauses: --export F.xlsx has all" in out


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("gbt7714", "关于促进冷链物流高质量发展的若干意见[Z], （三）.\n"),
        ("plain", "《关于促进冷链物流高质量发展的若干意见》，（三）\n"),
    ],
)
def test_cite_prints_a_reference(
    policykb: Policykb, seen: KnowledgeBase, style: str, text: str
) -> None:
    document_id = seen.clauses().clauses[0].document_id
    status, out, _ = policykb("cite", document_id, "--clause", "3", "--style", style)
    assert (status, out) == (0, text)
    _, out, _ = policykb("cite", document_id, "--style", style, "--json")
    assert set(json.loads(out)) == {"document_id", "style", "reference"}


def test_cite_knows_wrong_usage_from_what_is_not_there(policykb: Policykb) -> None:
    assert policykb("cite", "0" * 16)[0] == 1
    assert policykb("cite", "0" * 16, "--style", "mla")[0] == 2
