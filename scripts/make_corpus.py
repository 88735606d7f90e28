"""Make the sample documents in `corpus/` from their sources in `scripts/corpus/texts/`.

A maintainer's tool: the documents it makes are committed, so nobody else needs to run it.
It wants Chromium, the Noto CJK collections (Debian: chromium, fonts-noto-cjk,
fonts-noto-cjk-extra) and the packages fonttools, markdown-it-py, numpy, pillow and python-docx.

    python scripts/make_corpus.py                      # all of them
    python scripts/make_corpus.py tbt_brief            # one
"""

import argparse
import tempfile
from pathlib import Path

from corpus.fonts import find_fonts
from corpus.scan import scan
from corpus.source import Source, load_source
from corpus.typeset import find_browser, typeset
from corpus.web import write_html
from corpus.word import write_docx

ROOT = Path(__file__).resolve().parent.parent
TEXTS = Path(__file__).parent / "corpus" / "texts"


def make(source: Source, browser: str, fonts: Path, folder: Path) -> Path:
    """Write one sample into `folder` in the format its layout calls for; return its path."""
    if source.layout == "word":
        target = folder / f"{source.stem}.docx"
        write_docx(source, target)
    elif source.layout == "web":
        target = folder / f"{source.stem}.html"
        write_html(source, target)
    elif source.layout == "scan":
        target = folder / f"{source.stem}.pdf"
        with tempfile.TemporaryDirectory() as scratch:
            clean = Path(scratch) / "clean.pdf"
            typeset(source, browser, fonts, clean)
            scan(clean, source, target)
    else:
        target = folder / f"{source.stem}.pdf"
        typeset(source, browser, fonts, target)
    return target


def main() -> None:
    """Make the samples named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description="Make the sample documents in corpus/.")
    parser.add_argument("stems", nargs="*", help="samples to make; all when none is named")
    parser.add_argument("--browser", help="Chromium to print with; found on PATH by default")
    parser.add_argument("--fonts", type=Path, help="folder of the Noto CJK collections")
    parser.add_argument("--out", type=Path, default=ROOT / "corpus", help="default: corpus/")
    args = parser.parse_args()
    known = {path.stem: path for path in sorted(TEXTS.glob("*.md"))}
    if unknown := set(args.stems) - set(known):
        parser.error(f"no source for {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    try:
        browser, fonts = find_browser(args.browser), find_fonts(args.fonts)
    except FileNotFoundError as missing:
        parser.error(str(missing))
    args.out.mkdir(parents=True, exist_ok=True)
    for stem in args.stems or known:
        made = make(load_source(known[stem]), browser, fonts, args.out)
        print(f"{made.name}: {made.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
