"""OFD files made here: characters where the file puts them, pages drawn, limits kept."""

from __future__ import annotations

import io
import zipfile

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import Box, Page, boxes, parse_bytes, render_page
from ingest.errors import DocumentError, EncryptedFile, LimitExceeded, UnreadableFile
from ingest.formats.ofd import ofd_to_pdf
from ingest.formats.ofd_text import steps
from ingest.parse import ParseOptions

MM = 72 / 25.4
NO_OCR = ParseOptions(ocr="never")


def text(x: float, y: float, content: str, size: float = 5, more: str = "") -> str:
    """Return a text object whose characters stand one em apart, baseline at its bottom."""
    delta = f'DeltaX="g {len(content) - 1} {size}"' if len(content) > 1 else ""
    return (
        f'<TextObject ID="9" Font="3" Size="{size}" Boundary="{x} {y} 180 {size}" {more}>'
        f'<TextCode X="0" Y="{size}" {delta}>{content}</TextCode></TextObject>'
    )


def content(objects: str, head: str = "", layer: str = "") -> str:
    return f'<Page>{head}<Content><Layer ID="2" {layer}>{objects}</Layer></Content></Page>'


def ofd(*pages: str, common: str = "", document: str = "", **parts: str | bytes) -> bytes:
    """Return a file of these page contents; `parts` are added, `__` in names being a slash."""
    listed = "".join(
        f'<Page ID="{i}" BaseLoc="Pages/Page_{i}/Content.xml"/>' for i in range(len(pages))
    )
    files: dict[str, str | bytes] = {
        "OFD.xml": "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>",
        "Doc_0/Document.xml": (
            "<Document><CommonData><PageArea><PhysicalBox>0 0 210 297</PhysicalBox></PageArea>"
            f"<PublicRes>Res.xml</PublicRes>{common}</CommonData><Pages>{listed}</Pages>"
            f"{document}</Document>"
        ),
        "Doc_0/Res.xml": (
            '<Res BaseLoc="Res"><Fonts><Font ID="3" FontName="宋体"/></Fonts><MultiMedias>'
            '<MultiMedia ID="7" Type="Image"><MediaFile>a.png</MediaFile></MultiMedia>'
            "</MultiMedias></Res>"
        ),
    }
    files |= {f"Doc_0/Pages/Page_{i}/Content.xml": page for i, page in enumerate(pages)}
    files |= {name.replace("__", "/").replace("_x_", "."): part for name, part in parts.items()}
    return zipped(files)


def zipped(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            archive.writestr(name, part if isinstance(part, bytes) else namespaced(part))
    return buffer.getvalue()


def namespaced(xml: str) -> str:
    """Return elements as real files have them: with a prefix, bound to the standard's namespace."""
    if not xml.startswith("<") or xml[1] in "?!":
        return xml
    prefixed = xml.replace("</", "\0").replace("<", "<ofd:").replace("\0", "</ofd:")
    head, _, rest = prefixed.partition(">")
    slash = "/" if head.endswith("/") else ""
    return f'{head.removesuffix("/")} xmlns:ofd="http://www.ofdspec.org/2016"{slash}>{rest}'


def pages_of(data: bytes) -> tuple[Page, ...]:
    return parse_bytes("a.ofd", data, NO_OCR).pages


def test_lines_are_joined_and_every_character_has_its_box() -> None:
    data = ofd(
        content(
            text(20, 30, "为促进冷链物流高质量发展健全骨干网络提升流通效率现将有关事项通知如")
            + text(20, 38, "下请遵照执行。")
        )
    )
    document = parse_bytes("a.ofd", data, NO_OCR)
    whole = "为促进冷链物流高质量发展健全骨干网络提升流通效率现将有关事项通知如下请遵照执行。"
    assert document.body.text == whole
    at = whole.index("物流")
    [box] = boxes(document.body, at, at + 2)
    assert box.page == 1
    assert (box.x0, box.x1) == pytest.approx(((20 + 5 * 5) * MM, (20 + 7 * 5) * MM), abs=0.5)
    assert box.y0 < 34 * MM < box.y1
    assert box.y0 > 29 * MM
    assert box.y1 < 37 * MM


@pytest.mark.parametrize(
    ("written", "count", "expected"),
    [
        ("g 3 2.5 4", 4, [2.5, 2.5, 2.5, 4]),
        ("1 g 2 3 g 1 5", 4, [1, 3, 3, 5]),
        ("2", 3, [2, 2, 2]),
        ("g 999999999 1", 3, [1, 1, 1]),
        ("g -4 1 2", 1, [2]),
        ("nan inf x 2", 1, [2]),
        ("g", 2, None),
        (None, 2, None),
    ],
)
def test_runs_of_steps(written: str | None, count: int, expected: list[float] | None) -> None:
    assert steps(written, count) == expected


def test_a_text_object_may_hold_several_lines() -> None:
    code = (
        '<TextObject ID="1" Font="3" Size="5" Boundary="20 30 150 20"><TextCode X="0" Y="5" '
        'DeltaX="g 11 5 -55 g 5 5" DeltaY="g 11 0 8 g 5 0">一二三四五六七八九十甲乙丙丁戊己庚。'
        "</TextCode></TextObject>"
    )
    [block] = pages_of(ofd(content(code)))[0].blocks
    assert block.text == "一二三四五六七八九十甲乙丙丁戊己庚。"
    first, second = block.lines
    assert first.box is not None
    assert second.box is not None
    assert first.end == 12
    assert second.box.y0 - first.box.y0 == pytest.approx(8 * MM, abs=0.5)
    assert second.box.x0 == pytest.approx(20 * MM, abs=0.5)


def test_a_matrix_moves_and_scales_the_text() -> None:
    moved = text(10, 20, "缩放", more='CTM="2 0 0 2 15 5"')
    [block] = pages_of(ofd(content(moved)))[0].blocks
    assert block.box is not None
    assert block.box.x0 == pytest.approx((10 + 15) * MM, abs=0.5)
    assert block.box.x1 - block.box.x0 == pytest.approx(4 * 5 * MM, abs=0.5)


def test_characters_without_steps_take_their_usual_width() -> None:
    code = (
        '<TextObject ID="1" Font="3" Size="5" Boundary="20 30 150 20">'
        '<TextCode X="0" Y="5">规模OK</TextCode></TextObject>'
    )
    [block] = pages_of(ofd(content(code)))[0].blocks
    assert block.text == "规模OK"


def test_rare_and_unknown_characters_are_kept_exactly() -> None:
    rare = "𠮷龘〇①㎡"
    assert pages_of(ofd(content(text(20, 30, rare))))[0].text == rare


def test_templates_layers_blocks_and_composites_are_all_read() -> None:
    unit = (
        '<Res><CompositeGraphicUnits><CompositeGraphicUnit ID="40" Width="9" Height="9"><Content>'
        + text(0, 0, "组合对象里的文字。")
        + "</Content></CompositeGraphicUnit></CompositeGraphicUnits></Res>"
    )
    data = ofd(
        content(
            f'<PageBlock ID="5">{text(20, 60, "块中的文字。")}</PageBlock>'
            '<CompositeObject ID="6" ResourceID="40" Boundary="20 90 100 9"/>'
            + text(20, 120, "看不见", more='Visible="false"'),
            head='<Template TemplateID="8" ZOrder="Background"/>',
        ),
        common='<TemplatePage ID="8" BaseLoc="Tpl/Content.xml"/><DocumentRes>U.xml</DocumentRes>',
        Doc_0__Tpl__Content_x_xml=content(text(20, 30, "模板上的文字。")),
        Doc_0__U_x_xml=unit,
    )
    assert pages_of(data)[0].text == "模板上的文字。\n块中的文字。\n组合对象里的文字。"


def test_documents_in_one_file_follow_each_other() -> None:
    one = content(text(20, 30, "第一份。"))
    data = ofd(
        one,
        OFD_x_xml=(
            "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody>"
            "<DocBody><DocRoot>/Doc_1/Document.xml</DocRoot></DocBody></OFD>"
        ),
        Doc_1__Document_x_xml=(
            '<Document><CommonData/><Pages><Page ID="1" BaseLoc="P.xml"/></Pages></Document>'
        ),
        Doc_1__P_x_xml=content(text(20, 30, "第二份。")),
    )
    assert [(page.number, page.text) for page in pages_of(data)] == [
        (1, "第一份。"),
        (2, "第二份。"),
    ]


def test_what_is_left_out_is_said() -> None:
    data = ofd(
        content(text(20, 30, "正文。")),
        document=("<Annotations>Annots.xml</Annotations><Attachments>/Doc_0/At.xml</Attachments>"),
        OFD_x_xml=(
            "<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot>"
            "<Signatures>Doc_0/Signs.xml</Signatures></DocBody></OFD>"
        ),
        Doc_0__Signs_x_xml='<Signatures><Signature ID="1"/></Signatures>',
        Doc_0__Annots_x_xml='<Annotations><Page PageID="1"/></Annotations>',
        Doc_0__At_x_xml='<Attachments><Attachment ID="1"/></Attachments>',
    )
    assert parse_bytes("a.ofd", data, NO_OCR).warnings == (
        "1 electronic signatures were not checked, and their seals not drawn",
        "annotations on 1 pages were left out",
        "1 attachments were left out",
    )


def test_a_missing_page_costs_only_itself() -> None:
    data = ofd(
        content(text(20, 30, "前。")),
        document="",
        Doc_0__Document_x_xml=(
            '<Document><CommonData/><Pages><Page ID="1" BaseLoc="gone.xml"/>'
            '<Page ID="2" BaseLoc="Pages/Page_0/Content.xml"/></Pages></Document>'
        ),
    )
    document = parse_bytes("a.ofd", data, NO_OCR)
    assert [page.text for page in document.pages] == ["", "前。"]
    assert document.warnings[0] == "page 1: its content is missing in the file"


def pixels(png: bytes) -> pymupdf.Pixmap:
    return pymupdf.Pixmap(png)


def test_pages_are_drawn_with_paths_pictures_and_marks() -> None:
    red = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 4, 4), False)
    red.set_rect(red.irect, (255, 0, 0))
    path = (
        '<PathObject ID="1" Boundary="100 100 50 50" Fill="true" Stroke="false">'
        '<FillColor Value="0 0 255"/><AbbreviatedData>M 0 0 L 50 0 L 50 50 L 0 50 C'
        "</AbbreviatedData></PathObject>"
    )
    picture = '<ImageObject ID="2" ResourceID="7" Boundary="20 100 50 50" CTM="50 0 0 50 0 0"/>'
    data = ofd(
        content(text(20, 30, "甲")),
        content(path + picture + text(20, 30, "乙")),
        Doc_0__Res__a_x_png=red.tobytes("png"),
    )
    drawn = pixels(render_page(data, 2, scale=1, highlights=[Box(2, 300, 700, 400, 720)]))
    assert (drawn.width, drawn.height) == pytest.approx((595, 842), abs=1)
    assert drawn.pixel(round(125 * MM), round(125 * MM)) == (0, 0, 255)
    assert drawn.pixel(round(45 * MM), round(125 * MM)) == (255, 0, 0)
    assert drawn.pixel(350, 710) == (255, 234, 89)
    ink = [drawn.pixel(x, y) for x in range(57, 71) for y in range(86, 100)]
    assert min(ink) < (128, 128, 128)


def test_pictures_that_cannot_be_read_are_told() -> None:
    picture = '<ImageObject ID="2" ResourceID="7" Boundary="20 100 50 50"/>'
    data = ofd(content(picture), Doc_0__Res__a_x_png=b"no picture")
    converted = ofd_to_pdf(data, max_pages=9)
    assert converted.warnings == ("1 pictures could not be read and were left out",)


def test_limits() -> None:
    page = content(text(20, 30, "甲"))
    with pytest.raises(LimitExceeded, match=r"a\.ofd: the file has 3 pages"):
        parse_bytes("a.ofd", ofd(page, page, page), ParseOptions(ocr="never", max_pages=2))
    with pytest.raises(UnreadableFile, match="no pages"):
        pages_of(ofd())


def test_more_objects_than_a_page_needs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.formats.ofd_draw.MAX_OBJECTS", 3)
    with pytest.raises(LimitExceeded, match="more than 3 objects"):
        pages_of(ofd(content(text(20, 30, "甲") * 4)))


def test_a_composite_of_itself_ends() -> None:
    unit = (
        '<Res><CompositeGraphicUnits><CompositeGraphicUnit ID="40"><Content>'
        '<CompositeObject ID="6" ResourceID="40" Boundary="0 0 9 9"/>'
        "</Content></CompositeGraphicUnit></CompositeGraphicUnits></Res>"
    )
    data = ofd(
        content('<CompositeObject ID="6" ResourceID="40" Boundary="20 90 100 9"/>'),
        Doc_0__Res_x_xml=unit,
    )
    assert pages_of(data)[0].text == ""


def test_absurd_sizes_and_names_are_survived() -> None:
    area = "<Area><PhysicalBox>0 0 1e12 -4</PhysicalBox></Area>"
    data = ofd(
        content(text(20, 30, "甲") + text(20, 50, "乙", size=1e300), head=area),
        common="<PublicRes>../../../../etc/passwd</PublicRes>",
    )
    page = pages_of(data)[0]
    assert (page.width, page.height) == pytest.approx((210 * MM, 297 * MM), abs=0.1)
    assert "甲" in page.text


def test_encrypted_and_hostile_files_are_refused() -> None:
    page = content(text(20, 30, "甲"))
    with pytest.raises(EncryptedFile):
        pages_of(ofd(page, Encryptions_x_xml="<Encryptions/>"))
    with pytest.raises(UnreadableFile, match="document type"):
        pages_of(ofd(page, OFD_x_xml='<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><OFD/>'))
    with pytest.raises(UnreadableFile, match=r"no OFD\.xml|damaged"):
        pages_of(ofd(page, OFD_x_xml="<OFD"))
    with pytest.raises(LimitExceeded, match="zip bomb"):
        pages_of(ofd(page, bomb=bytes(20 << 20)))


NUMBERS = st.one_of(
    st.floats(width=32).map(str), st.sampled_from(["g", "", "1e308", "-0", "x", "0 0 0 0 0 0"])
)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(NUMBERS, max_size=8).map(" ".join),
    st.lists(NUMBERS, max_size=8).map(" ".join),
    st.lists(NUMBERS, max_size=6).map(" ".join),
    NUMBERS,
)
def test_any_numbers_give_pages_or_an_error_of_ours(
    delta: str, matrix: str, box: str, size: str
) -> None:
    hostile = (
        f'<TextObject ID="1" Font="3" Size="{size}" Boundary="{box}" CTM="{matrix}" Alpha="{size}" '
        f'CharDirection="{size}"><TextCode X="{size}" Y="0" DeltaX="{delta}" DeltaY="{delta}">'
        "国务院AB</TextCode></TextObject>"
        f'<PathObject ID="2" Boundary="{box}" CTM="{matrix}" LineWidth="{size}"><AbbreviatedData>'
        f"M {delta} L {matrix} Q {box} C</AbbreviatedData></PathObject>"
        f'<ImageObject ID="3" ResourceID="7" Boundary="{box}" CTM="{matrix}"/>'
    )
    area = f"<Area><PhysicalBox>{box}</PhysicalBox></Area>"
    data = ofd(content(hostile, head=area), content(text(20, 30, "第二页。")))
    try:
        pages = pages_of(data)
    except DocumentError:
        return
    assert pages[1].text == "第二页。"
