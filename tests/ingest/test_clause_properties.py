"""Laws and opinions of any shape: each provision is found once, whole, under its headings."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.body import assemble, boxes
from ingest.model import Block, Box, Clause, Document, Line, Page
from ingest.parse import structure

HAN = "一二三四五六七八九"
#: Sentences that hold numbers as provisions have them, and must never part anything.
SENTENCES = (
    "依照本法第六条的规定处理。",
    "第三条规定的期限届满后，登记失效。",
    "工作中要做到三点，一是摸清底数，二是分类施策，三是定期评估。",
    "有本法第二条第一款第（一）项所列情形的，从其规定。",
    "经营者应当在2024年6月底前备案，备案有效期为3年。",
    "前款所称设备，包括装卸机械和仓储设施。",
    "许可证不得转让。",
)
sentences = st.sampled_from(SENTENCES)


def han(number: int) -> str:
    """Write a number below a hundred in Chinese."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else HAN[tens - 1] + "十")
    return head + (HAN[ones - 1] if ones else "")


def parse(lines: list[str], breaks: frozenset[int] = frozenset()) -> Document:
    """Set each line as a paragraph; a page ends behind the lines in `breaks`, mid-paragraph."""
    pages: list[list[Block]] = [[]]
    for index, line in enumerate(lines):
        half = len(line) // 2 if index in breaks and len(line) > 20 else 0
        parts = (line[:half], line[half:]) if half else (line,)
        for number, part in enumerate(parts):
            if number:
                pages.append([])
            top = 20.0 * len(pages[-1])
            box = Box(len(pages), 0, top, 10.0 * len(part), top + 14)
            goes_on = bool(half) and number == 0
            block = Block("paragraph", part, box, (Line(0, len(part), box),), continues=goes_on)
            pages[-1].append(block)
    return structure("a.pdf", [Page(n, 600, 800, tuple(b)) for n, b in enumerate(pages, 1)], [])


def told(clause: Clause) -> list[str]:
    return clause.text.split("\n")


@st.composite
def laws(draw: st.DrawFn) -> tuple[list[str], list[list[str]], list[int]]:
    """Draw a law's lines; each article's own lines; and how many headings each is under."""
    lines = ["中华人民共和国样例法"]
    articles: list[list[str]] = []
    depths: list[int] = []
    parts = draw(st.integers(0, 2))
    chapter = 0
    for part in range(1, max(parts, 1) + 1):
        if parts:
            lines.append(f"第{han(part)}编　样例")
        for section_count in draw(st.lists(st.integers(0, 2), min_size=1, max_size=3)):
            chapter += 1
            lines.append(f"第{han(chapter)}章　规则")
            for section in range(1, max(section_count, 1) + 1):
                if section_count:
                    lines.append(f"第{han(section)}节　登记")
                for _ in range(draw(st.integers(1, 3))):
                    article = draw(articles_of(len(articles) + 1))
                    lines += article
                    articles.append(article)
                    depths.append(bool(parts) + 1 + bool(section_count))
    return lines, articles, depths


@st.composite
def articles_of(draw: st.DrawFn, number: int) -> list[str]:
    """Draw an article: its paragraphs, the last of which may open a list of items."""
    paragraphs = [draw(sentences) for _ in range(draw(st.integers(1, 3)))]
    items = [f"（{han(n)}）{'伪造、变造材料' * n}；" for n in range(1, draw(st.integers(0, 3)) + 1)]
    if items:
        paragraphs.append("有下列情形之一的，责令改正：")
    return [f"第{han(number)}条　{paragraphs[0]}", *paragraphs[1:], *items]


@settings(deadline=None, max_examples=60)
@given(laws(), st.data())
def test_every_article_of_a_law_once_and_whole(
    law: tuple[list[str], list[list[str]], list[int]], data: st.DataObject
) -> None:
    lines, articles, depths = law
    # A single article is no sequence; a law has more.
    if len(articles) < 2:
        return
    breaks = data.draw(st.frozensets(st.integers(0, len(lines) - 1), max_size=3))
    document = parse(lines, breaks)
    assert [c.number for c in document.clauses] == [
        f"第{han(n)}条" for n in range(1, len(articles) + 1)
    ]
    assert [told(clause) for clause in document.clauses] == articles
    assert [len(clause.heading_path) for clause in document.clauses] == depths
    assert len({clause.clause_id for clause in document.clauses}) == len(articles)
    assert document.clauses == parse(lines).clauses


@st.composite
def opinions(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str]]]:
    """Draw an opinion's lines, and each measure's number and section."""
    through = draw(st.booleans())
    lines = ["商务部关于样例工作的意见", "各有关单位：", "为做好样例工作，现提出以下意见。"]
    measures: list[tuple[str, str]] = []
    count = 0
    for section in range(1, draw(st.integers(2, 4)) + 1):
        heading = f"{han(section)}、推进样例工作"
        lines.append(heading)
        count = count if through else 0
        for _ in range(draw(st.integers(2, 4))):
            count += 1
            lines.append(f"（{han(count)}）优化流程。{draw(sentences)}（商务部负责）")
            measures.append((f"（{han(count)}）", heading))
    return [*lines, "商务部", "2024年3月15日"], measures


@settings(deadline=None, max_examples=60)
@given(opinions(), st.data())
def test_every_measure_of_an_opinion_under_its_section(
    opinion: tuple[list[str], list[tuple[str, str]]], data: st.DataObject
) -> None:
    lines, measures = opinion
    breaks = data.draw(st.frozensets(st.integers(3, len(lines) - 3), max_size=3))
    document = parse(lines, breaks)
    assert [(c.number, c.heading_path[-1]) for c in document.clauses] == measures
    for clause in document.clauses:
        assert [body.ministry for body in clause.responsibility] == ["商务部"]
    assert len({clause.clause_id for clause in document.clauses}) == len(measures)


@settings(deadline=None, max_examples=60)
@given(opinions(), opinions())
def test_an_annex_that_starts_its_numbers_anew_is_a_part_of_its_own(
    opinion: tuple[list[str], list[tuple[str, str]]],
    annex: tuple[list[str], list[tuple[str, str]]],
) -> None:
    lines = [*opinion[0], "附件1", "样例工作任务", *annex[0][3:-2]]
    found = parse(lines).clauses
    assert [clause.number for clause in found] == [n for n, _ in (*opinion[1], *annex[1])]
    behind = found[len(opinion[1]) :]
    assert all(clause.heading_path[0].startswith("附件1") for clause in behind)
    assert len({clause.clause_id for clause in found}) == len(found)


@settings(deadline=None, max_examples=60)
@given(laws(), st.data())
def test_a_clause_over_pages_keeps_the_boxes_of_all_its_lines(
    law: tuple[list[str], list[list[str]], list[int]], data: st.DataObject
) -> None:
    lines, _, _ = law
    breaks = data.draw(st.frozensets(st.integers(0, len(lines) - 1), max_size=4))
    document = parse(lines, breaks)
    body = assemble(document.pages)
    for clause in document.clauses:
        printed = [b for b in body.lines if clause.start < b.end and b.start < clause.end]
        assert len(boxes(body, clause.start, clause.end)) == len(printed)
    for one, other in pairwise(document.clauses):
        assert one.end <= other.start
