"""The documents on commands, settings and errors name everything there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import index.checks
import kb.errors
from kb.cli.app import app
from kb.config import HOME_VARIABLE, PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def commands(group: Any, path: str = "policykb") -> Iterator[tuple[str, Any]]:
    """Yield every command with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            if any(option.name == "home" for option in command.params):
                yield f"{path} {name}", command
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands(get_command(app)))
#: Explained once, for every command that takes them.
FILTERS = {
    "--document",
    "--type",
    "--issuer",
    "--ministry",
    "--since",
    "--until",
    "--in-force",
    "--as-of",
}
SHARED = FILTERS | {"--home", "--json", "--help", "--version"}


def section(name: str) -> str:
    """Return what docs/cli.md says of one command."""
    found = re.search(rf"^### `{name}[` ].*?(?=^##|\Z)", read("cli.md"), re.M | re.S)
    assert found, f"docs/cli.md has no section on `{name}`"
    return found.group()


def options(command: Any) -> set[str]:
    return {name for option in command.params for name in option.opts if name.startswith("-")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_shown_with_its_options_and_an_example(name: str) -> None:
    text = section(name)
    assert f"\n$ {name}" in text
    lacking = {each for each in options(COMMANDS[name]) - SHARED if f"`{each}" not in text}
    if "parse" in name:
        lacking -= {"--ocr", "--timeout", "--password"}
    assert not lacking
    if options(COMMANDS[name]) >= FILTERS - {"--ministry"}:
        assert "Takes\nthe filters" in text or "Takes the filters" in text


def test_shared_options_are_explained_once() -> None:
    introduction = read("cli.md").partition("\n## ")[0]
    assert not {name for name in SHARED if f"`{name}" not in introduction}


def test_no_command_or_option_is_made_up() -> None:
    text = read("cli.md")
    assert set(re.findall(r"^### `(policykb [a-z]+(?: [a-z]+)?)", text, re.M)) == set(COMMANDS)
    known = {name for command in COMMANDS.values() for name in options(command)}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
    assert named <= known | SHARED


def test_every_setting_is_explained_with_its_default() -> None:
    text = read("settings.md")
    named = dict(re.findall(r"^\| `([a-z_]+)` \| `[A-Z_]+` \| `(.*?)` \|", text, re.M))
    defaults = {name: getattr(Settings(), name) for name in Settings.__dataclass_fields__}
    assert {name: ast.literal_eval(value) for name, value in named.items()} == defaults
    for name in defaults:
        assert f"`{PREFIX}{name.upper()}`" in text
    assert f"`{HOME_VARIABLE}`" in text
    assert not {line for line in text.splitlines() if line.count("|") not in {0, 3, 5}}


def kinds(kind: type[Exception]) -> Iterator[Any]:
    yield kind
    for below in kind.__subclasses__():
        yield from kinds(below)


def codes_given() -> set[str]:
    """Return the codes in the source: of error classes, and as in FileError("changed", ...)."""
    return {
        value.value
        for package in ("kb", "ingest", "index")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for value in code_values(node)
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }


def code_values(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        given = [each.value for each in node.keywords if each.arg == "code"]
        kind = getattr(node.func, "id", "")
        return given + (node.args[:1] if kind in {"FileError", "Problem"} else [])
    if isinstance(node, ast.ClassDef):
        values = [each for each in node.body if isinstance(each, ast.Assign)]
        return [each.value for each in values if getattr(each.targets[0], "id", "") == "code"]
    return []


def test_every_error_code_is_listed_with_its_remedy() -> None:
    given = codes_given()
    assert {"changed", "id-taken", "no-such-file", "settings", "text-differs", "error"} <= given
    sides = {
        f"{side}-{what}"
        for side in ("lexical", "dense")
        for what in ("missing", "unknown", "repeated")
    }
    rows = [line for line in read("errors.md").splitlines() if line.startswith("| `")]
    listed = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row.split("|")[1])}
    assert listed == given | sides
    assert all(cell.strip() for row in rows for cell in row.split("|")[1:-1])


def test_every_error_has_the_http_status_that_is_listed() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| `(\w+)` \| (\d+) \|", read("errors.md"), re.M)
    statuses = {name: int(status) for _, name, status in rows}
    # What stands on top of `kb` may have kinds of its own.
    ours = [kind for kind in kinds(kb.errors.KBError) if kind.__module__.startswith("kb.")]
    assert statuses == {kind.__name__: kind.status for kind in ours}


def test_checks_of_the_index_use_the_codes_that_are_listed() -> None:
    source = Path(index.checks.__file__).read_text("utf-8")
    assert set(re.findall(r'\("(\w+)", "(?:holds|lacks|still)', source)) == {
        "missing",
        "unknown",
        "repeated",
    }
