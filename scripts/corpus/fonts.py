"""Cut the Noto CJK collections down to the characters a sample uses, as TrueType.

Chromium embeds TrueType outlines as a real font; the collections' CFF outlines it turns into
Type 3 drawings, which text extractors and viewers treat as second-class.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEARCHED = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/share/fonts/google-noto-cjk"),
    Path.home() / ".local/share/fonts",
    Path.home() / "Library/Fonts",
)
_QUADRATIC_ERROR = 1.0  # font units, of 1000 to the em: below a printer's dot at body size
_DROPPED = ["VORG", "vhea", "vmtx", "GPOS", "GSUB", "BASE"]
_EMPTY_LIMITS = (
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
    "maxComponentElements",
    "maxPoints",
    "maxContours",
    "maxCompositePoints",
    "maxCompositeContours",
    "maxComponentDepth",
)


@dataclass(frozen=True, slots=True)
class Face:
    """A face of the Noto CJK family and the CSS name and weight it gets."""

    file: str
    family: str
    css_name: str
    css_weight: int


FACES = (
    Face("NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC", "Song", 400),
    Face("NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC", "Song", 700),
    Face("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC", "Hei", 400),
    Face("NotoSansCJK-Bold.ttc", "Noto Sans CJK SC", "Hei", 700),
)


def find_fonts(folder: Path | None) -> Path:
    """Return the folder holding all four collections.

    Raises FileNotFoundError naming the package to install and the option to set.
    """
    for candidate in [folder] if folder else SEARCHED:
        if all((candidate / face.file).is_file() for face in FACES):
            return candidate
    raise FileNotFoundError(
        "Noto CJK collections not found: install fonts-noto-cjk and fonts-noto-cjk-extra, "
        "or name the folder that holds NotoSerifCJK-Regular.ttc with --fonts"
    )


def font_face_css(fonts: Path, text: str, folder: Path) -> str:
    """Write the four faces, cut to `text`, into `folder`; return the CSS that loads them."""
    rules = []
    for face in FACES:
        target = folder / f"{face.css_name}-{face.css_weight}.ttf"
        _cut(fonts / face.file, face.family, text, target)
        rules.append(
            f"@font-face{{font-family:{face.css_name};font-weight:{face.css_weight};"
            f"src:url({target.as_uri()})}}"
        )
    return "\n".join(rules)


def _cut(collection: Path, family: str, text: str, target: Path) -> None:
    from fontTools.subset import Options, Subsetter

    font = _open_face(collection, family)
    options = Options(layout_features=[], hinting=False, notdef_outline=True)
    options.drop_tables = [*options.drop_tables, *_DROPPED]
    subsetter = Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    _to_truetype(font)
    font.recalcTimestamp = False
    font.save(target)


def _open_face(collection: Path, family: str) -> Any:
    from fontTools.ttLib import TTCollection

    for font in TTCollection(str(collection), lazy=True).fonts:
        if font["name"].getDebugName(1) == family or font["name"].getDebugName(16) == family:
            return font
    raise ValueError(f"{collection.name}: no face named {family}; install the full collection")


def _to_truetype(font: Any) -> None:
    """Replace cubic CFF outlines by quadratic ones, in place."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    order, outlines, glyphs = font.getGlyphOrder(), font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, _QUADRATIC_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder, table.glyphs = order, glyphs
    del font["CFF "]
    maxp = font["maxp"]
    maxp.tableVersion, maxp.maxZones = 0x00010000, 1
    for limit in _EMPTY_LIMITS:
        setattr(maxp, limit, 0)
    table.compile(font)
    post = font["post"]
    post.formatType, post.extraNames, post.mapping, post.glyphOrder = 2.0, [], {}, order
    font.sfntVersion = "\x00\x01\x00\x00"
