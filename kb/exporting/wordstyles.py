"""The styles of exported Word documents: Chinese faces, A4, numbered pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.exporting.ooxml import element, qualified

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import CharacterStyle, ParagraphStyle

#: Ids of styles; those of the template are named where they are used.
QUOTE_STYLE, NOTE_STYLE = "PolicyQuote", "PolicyNote"
FOOTNOTE_STYLE, MARK_STYLE, LINK_STYLE = "FootnoteText", "FootnoteReference", "Hyperlink"
_SERIF, _SANS = ("Times New Roman", "宋体"), ("Arial", "黑体")
_GREY, _BLUE, _DARK = 0x59, (0x05, 0x63, 0xC1), (0x1F, 0x2A, 0x44)


def new_document() -> Document:
    """Return an empty document on A4 with the styles that exports use."""
    import docx
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Mm, Pt, RGBColor

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(28)
    section.top_margin = section.bottom_margin = Mm(25)
    styles = document.styles
    _face(styles["Normal"], _SERIF, Pt(11), None)
    _face(styles["Title"], _SANS, Pt(20), RGBColor(*_DARK))
    _face(styles["Heading 1"], _SANS, Pt(14), RGBColor(*_DARK))
    _face(styles["Heading 2"], _SANS, Pt(11), RGBColor(*_DARK))
    quote = styles.add_style(QUOTE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    quote.base_style = styles["Normal"]
    quote.paragraph_format.left_indent = Mm(6)
    quote.paragraph_format.space_after = Pt(4)
    note = styles.add_style(NOTE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    note.base_style = styles["Normal"]
    note.font.size, note.font.color.rgb = Pt(9.5), RGBColor(_GREY, _GREY, _GREY)
    _footnote_styles(document)
    _number_pages(document)
    _adapt_template(document)
    return document


def _footnote_styles(document: Document) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    styles = document.styles
    text = styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.element.styleId, text.base_style = FOOTNOTE_STYLE, styles["Normal"]
    text.font.size, text.paragraph_format.space_after = Pt(9), Pt(0)
    mark = styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
    mark.element.styleId, mark.font.superscript = MARK_STYLE, True
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER, builtin=True)
    link.element.styleId, link.font.underline = LINK_STYLE, True
    link.font.color.rgb = RGBColor(*_BLUE)


def _face(
    style: ParagraphStyle | CharacterStyle, names: tuple[str, str], size: object, colour: object
) -> None:
    """Set a style's faces for Latin and Chinese text, its size and colour."""
    western, eastern = names
    style.font.name, style.font.size = western, size
    fonts = style.element.rPr.rFonts
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qualified(theme), None)
    fonts.set(qualified("eastAsia"), eastern)
    if colour is not None:
        style.font.color.rgb = colour


def _number_pages(document: Document) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    line = document.sections[0].footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line._p.append(element("fldSimple", {"instr": " PAGE "}))


def _adapt_template(document: Document) -> None:
    """Say that East Asian text is Chinese; drop the picture of the library's own template."""
    for language in document.styles.element.iter(qualified("lang")):
        language.set(qualified("eastAsia"), "zh-CN")
    relations = document.part.package.rels
    for name in [name for name, each in relations.items() if each.reltype.endswith("/thumbnail")]:
        del relations[name]
