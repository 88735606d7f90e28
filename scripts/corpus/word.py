"""Write a sample as a Word document with real styles, lists and tables."""

import datetime
import zipfile
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from markdown_it.tree import SyntaxTreeNode

from corpus.source import Source, markdown_parser

_WRITTEN = datetime.datetime(2024, 3, 1, tzinfo=datetime.UTC)
_ZIP_TIME = (2024, 3, 1, 0, 0, 0)
_STYLES = (
    ("Normal", "宋体", 11.0),
    ("Title", "黑体", 22.0),
    ("Subtitle", "楷体", 13.0),
    ("Heading 1", "黑体", 15.0),
    ("Heading 2", "黑体", 12.5),
    ("Caption", "黑体", 10.0),
)


def write_docx(source: Source, target: Path) -> None:
    """Write `source` to `target`; the same source gives the same bytes."""
    document = Document()
    _set_styles(document)
    document.add_paragraph(source.title, style="Title")
    document.add_paragraph(str(source.meta["subtitle"]), style="Subtitle")
    tree = SyntaxTreeNode(markdown_parser().parse(source.markdown))
    for node in tree.children:
        _add(document, node)
    _add_page_number(document)
    properties = document.core_properties
    properties.title, properties.author = source.title, "policykb"
    properties.created = properties.modified = _WRITTEN
    document.save(str(target))
    _fix_times(target)


def _set_styles(document: Any) -> None:
    for name, east_asian, size in _STYLES:
        style = document.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        style.font.color.rgb = RGBColor(0x1A, 0x1A, 0x1A)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), east_asian)
    document.styles["Normal"].paragraph_format.line_spacing = 1.4
    for name in ("Title", "Subtitle", "Caption"):
        document.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _add(document: Any, node: SyntaxTreeNode) -> None:
    if node.type == "heading":
        document.add_paragraph(_text(node), style=f"Heading {int(node.tag[1]) - 1}")
    elif node.type == "paragraph":
        text = _text(node)
        style = "Caption" if text.startswith("表") else "Normal"
        paragraph = document.add_paragraph(text, style=style)
        if style == "Normal" and not text.startswith("资料来源"):
            paragraph.paragraph_format.first_line_indent = Pt(22)
    elif node.type in ("bullet_list", "ordered_list"):
        _add_list(document, node)
    elif node.type == "table":
        _add_table(document, node)
    else:
        raise ValueError(f"cannot write a {node.type} in Word; take it out of the source")


def _add_list(document: Any, node: SyntaxTreeNode) -> None:
    """Add bullets as Word's list style; numbers are typed, so each list starts from one."""
    for number, item in enumerate(node.children, start=1):
        if node.type == "bullet_list":
            document.add_paragraph(_text(item), style="List Bullet")
        else:
            paragraph = document.add_paragraph(f"{number}. {_text(item)}")
            paragraph.paragraph_format.left_indent = Pt(22)
            paragraph.paragraph_format.first_line_indent = Pt(-14)


def _add_table(document: Any, node: SyntaxTreeNode) -> None:
    rows = [
        [_text(cell) for cell in row.children] for part in node.children for row in part.children
    ]
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    header = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(header)


def _text(node: SyntaxTreeNode) -> str:
    if node.type == "inline":
        return node.content
    return "".join(_text(child) for child in node.children)


def _add_page_number(document: Any) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _fix_times(target: Path) -> None:
    with zipfile.ZipFile(target) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
