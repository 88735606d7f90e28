"""Take pictures of every page of the web UI, in its states, and lay them side by side.

A maintainer's tool, run after a change of the pages: each state of each page at two widths, in both
languages and both themes, on one sheet to look at. `--docs` writes those that docs/ui.md shows.
It wants Chromium, playwright and pillow.

    python scripts/picture_pages.py sheets/                    # all of them, some minutes
    python scripts/picture_pages.py sheets/ search-results     # one state
    python scripts/picture_pages.py --docs docs/images         # the pictures of docs/ui.md
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "ui")]

from browsing import launch, serving  # noqa: E402
from pictures.homes import TEXTS, make_homes, silent_model  # noqa: E402
from pictures.sheet import paste, small  # noqa: E402
from pictures.states import DOCS, STATES, State  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

PHONE = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 "
    "Mobile Safari/537.36"
)
SIZES = {"wide": (1440, 1000), "phone": (390, 844)}
#: A size, a language, a theme.
Look: TypeAlias = tuple[str, str, str]
LOOKS: tuple[Look, ...] = tuple(product(SIZES, ("zh", "en"), ("light", "dark")))
FEW: tuple[Look, ...] = (("wide", "zh", "light"), ("wide", "en", "dark"), ("phone", "zh", "dark"))
PATIENCE = 120_000


@contextmanager
def opened(browser: Browser, size: str, theme: str, language: str) -> Iterator[Page]:
    """Open a page as a reader with this screen, theme and language has it."""
    width, height = SIZES[size]
    phone = size == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if language == "zh" else "en-US",
        user_agent=PHONE if phone else None,
        is_mobile=phone,
        has_touch=phone,
    )
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


# The folder that a picture was made in is nobody's business.
HOME_SHOWN = """([from, to]) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const folder = new RegExp(from + "/policykb-[^/]+/[a-z]+");
  for (let node = texts.nextNode(); node; node = texts.nextNode())
    if (folder.test(node.data)) node.data = node.data.replace(folder, to + "/policykb");
}"""


def picture(page: Page, address: str, state: State, language: str) -> bytes:
    """Bring a page into a state and return its picture, PNG."""
    joint = "&" if "?" in state.path else "?"
    path = re.sub(r"\{(.+?)\}", lambda found: document_ids()[found[1]], state.path)
    page.goto(f"{address}{path}{joint}lang={language}")
    drawn(page, still=state.still)
    for step in state.steps:
        step(page)
        drawn(page, still=state.still)
    page.evaluate(HOME_SHOWN, [str(Path(tempfile.gettempdir())), "/home/reader"])
    return page.screenshot(animations="disabled")


@cache
def document_ids() -> dict[str, str]:
    """Return the ids of the sample files by name: what begins the hash of their bytes."""
    contents = {path.name: path.read_bytes() for path in (ROOT / "corpus").iterdir()}
    contents |= {name: text.encode() for name, text in TEXTS.items()}
    return {name: sha256(data).hexdigest()[:16] for name, data in contents.items()}


def drawn(page: Page, *, still: bool) -> None:
    """Wait until a page is drawn; where it is to be seen at work, until it has begun."""
    page.wait_for_selector('[data-testid="stMainBlockContainer"]')
    if not still:
        page.wait_for_selector('[data-testid="stSpinner"]')
        return
    page.wait_for_selector('[data-testid="stButtonGroup"]')
    page.wait_for_selector('[data-test-script-state="notRunning"]')
    page.wait_for_timeout(500)
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_function("[...document.images].every(image => image.complete)")


def sheets(
    browser: Browser,
    states: Sequence[State],
    looks: Sequence[Look],
    addresses: dict[str, str],
    to: Path,
) -> None:
    """Write a sheet for each state, with the looks wanted."""
    to.mkdir(parents=True, exist_ok=True)
    for state in states:
        taken = []
        for size, language, theme in looks:
            with opened(browser, size, theme, language) as page:
                taken.append(picture(page, addresses[state.home], state, language))
        paste(taken, to / f"{state.name}.webp")
        print(to / f"{state.name}.webp", flush=True)


def of_docs(browser: Browser, states: Sequence[State], addresses: dict[str, str], to: Path) -> None:
    """Write the pictures that docs/ui.md shows of some states."""
    to.mkdir(parents=True, exist_ok=True)
    named = {state.name: state for state in states}
    for target, (name, size, language, theme) in DOCS.items():
        if name not in named:
            continue
        state = named[name]
        with opened(browser, size, theme, language) as page:
            (to / target).write_bytes(small(picture(page, addresses[state.home], state, language)))
        print(to / target, flush=True)


def main() -> None:
    """Write sheets of the states named on the command line, of all, or the docs' pictures."""
    parser = argparse.ArgumentParser(description="Take pictures of every page of the web UI.")
    parser.add_argument("to", type=Path, help="folder to write to")
    parser.add_argument("names", nargs="*", help="states; all when none is named")
    parser.add_argument("--docs", action="store_true", help="write the pictures of docs/ui.md")
    parser.add_argument("--few", action="store_true", help="three looks of each, not all eight")
    parser.add_argument("--list", action="store_true", help="list the states")
    args = parser.parse_args()
    states = [one for one in STATES if not args.names or one.name in args.names]
    if args.list:
        print("\n".join(one.name for one in states))
        return
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="policykb-")))
        make_homes(scratch, ROOT / "corpus", stack.enter_context(silent_model()))
        wanted = {one.home for one in states}
        addresses = {
            name: stack.enter_context(serving(scratch / name)) for name in sorted(set(wanted))
        }
        browser = launch(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        if args.docs:
            of_docs(browser, states, addresses, args.to)
        else:
            sheets(browser, states, FEW if args.few else LOOKS, addresses, args.to)


if __name__ == "__main__":
    main()
