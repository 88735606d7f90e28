"""Reading order of pages whose columns change, and of what stands beside and above them."""

from __future__ import annotations

from ingest.pdf.columns import reading_order
from ingest.pdf.figures import Patch, labels
from ingest.pdf.geometry import Piece


class Sheet:
    """A page being set: pieces in any order, told apart by `order`."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def line(self, x: float, y: float, text: str, size: float = 10) -> None:
        """Set one line with its top at y."""
        right = x + size * len(text)
        piece = Piece(text, x, y, right, y + size, size, order=len(self.pieces))
        self.pieces.append(piece)

    def column(self, x: float, y: float, name: str, rows: int, width: int = 14) -> list[str]:
        """Set a column of full lines; return them."""
        texts = [f"{name}{row}".ljust(width, "文") for row in range(rows)]
        for row, text in enumerate(texts):
            self.line(x, y + 16 * row, text)
        return texts

    def order(self) -> list[str]:
        """Return the lines in reading order, whatever order they were set in."""
        shuffled = sorted(self.pieces, key=lambda p: p.text[::-1])
        return [piece.text for region in reading_order(shuffled) for piece in region.lines]


def test_a_centred_line_above_four_columns_comes_first() -> None:
    sheet = Sheet()
    sheet.line(270, 40, "四栏版面的标题", 18)
    sheet.line(316, 70, "张三", 10)
    columns = [sheet.column(40 + 150 * i, 100 + 3 * i, "甲乙丙丁"[i], 20) for i in range(4)]
    assert sheet.order() == ["四栏版面的标题", "张三", *(text for c in columns for text in c)]


def test_the_last_line_of_a_middle_column_stays_in_it() -> None:
    sheet = Sheet()
    first = sheet.column(40, 100, "甲", 20)
    middle = sheet.column(200, 100, "乙", 21)
    last = sheet.column(360, 100, "丙", 20)
    assert sheet.order() == first + middle + last


def test_two_columns_over_three() -> None:
    sheet = Sheet()
    upper = sheet.column(40, 60, "甲", 12, 22) + sheet.column(280, 60, "乙", 12, 22)
    sheet.line(40, 270, "二、中间的标题", 14)
    left = sheet.column(40, 300, "丙", 6)
    middle = sheet.column(200, 305, "丁", 6)
    middle[3] = "短行。"
    sheet.pieces = [p for p in sheet.pieces if p.text[:2] != "丁3"]
    sheet.line(200, 305 + 48, "短行。")
    right = sheet.column(360, 300, "戊", 6)
    assert sheet.order() == [*upper, "二、中间的标题", *left, *middle, *right]


def test_questions_are_read_with_the_answers_beside_them() -> None:
    sheet = Sheet()
    expected: list[str] = []
    for n in range(4):
        sheet.line(40, 60 + 80 * n, f"问题{n}如何办理", 10)
        answer = sheet.column(140, 60 + 80 * n, f"答{n}", 4, 36)
        expected += [f"问题{n}如何办理", *answer]
    assert sheet.order() == expected


def test_labels_of_a_form_are_read_with_what_is_filled_in() -> None:
    sheet = Sheet()
    for n in range(6):
        sheet.line(40, 60 + 20 * n, f"第{n}项填报内容：")
        sheet.line(200, 60 + 20 * n, f"填写的内容第{n}行文字")
    assert sheet.order()[:4] == [
        "第0项填报内容：", "填写的内容第0行文字", "第1项填报内容：", "填写的内容第1行文字",
    ]  # fmt: skip


def test_justified_lines_in_frames_are_no_labels() -> None:
    sheet = Sheet()
    sheet.column(40, 60, "甲", 6)
    sheet.column(200, 60, "乙", 6)
    figure = Patch(30, 50, 350, 170, parts=8)
    assert labels(figure, sheet.pieces, 10) == []
    names = Sheet()
    for x in (40, 120, 200, 280):
        names.line(x, 100, "数据归集")
    assert len(labels(figure, names.pieces, 10)) == 4
