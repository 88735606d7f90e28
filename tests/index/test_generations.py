"""Generations on disk: what a crash leaves behind, and what is pruned."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index import IndexDamaged, IndexMissing, generations


def publish(root: Path, content: str) -> int:
    number = generations.next_number(root)
    with generations.building(root) as folder:
        (folder / "content").write_text(content)
        generations.publish(root, folder, number)
    return number


def read(root: Path) -> str:
    number = generations.require_current(root)
    return (generations.folder_of(root, number) / "content").read_text()


def test_the_pointer_names_the_newest(tmp_path: Path) -> None:
    assert generations.current(tmp_path) is None
    assert [publish(tmp_path, name) for name in "abc"] == [1, 2, 3]
    assert read(tmp_path) == "c"
    assert not list(tmp_path.glob("*.new"))


def test_two_generations_are_kept(tmp_path: Path) -> None:
    for name in "abcd":
        publish(tmp_path, name)
    assert [path.name for path in sorted((tmp_path / "generations").iterdir())] == [
        "00000003",
        "00000004",
    ]


def test_an_error_while_building_leaves_nothing(tmp_path: Path) -> None:
    publish(tmp_path, "a")
    with pytest.raises(InterruptedError), generations.building(tmp_path) as folder:
        (folder / "content").write_text("half")
        raise InterruptedError
    assert read(tmp_path) == "a"
    assert len(list((tmp_path / "generations").iterdir())) == 1


def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    publish(tmp_path, "a")
    left = tmp_path / "generations" / ".building-99999"
    left.mkdir()
    (left / "content").write_text("half")
    (tmp_path / "CURRENT.new").write_text("0000")
    publish(tmp_path, "b")
    assert read(tmp_path) == "b"
    assert not left.exists()


def test_a_kill_between_the_folder_and_the_pointer_costs_nothing(tmp_path: Path) -> None:
    publish(tmp_path, "a")
    finished = generations.folder_of(tmp_path, 2)
    finished.mkdir()
    (finished / "content").write_text("never published")
    assert read(tmp_path) == "a"
    assert publish(tmp_path, "c") == 3
    assert read(tmp_path) == "c"


@pytest.mark.parametrize("pointer", ["", "next\n", "１"])
def test_a_pointer_without_a_number_is_damage(tmp_path: Path, pointer: str) -> None:
    publish(tmp_path, "a")
    (tmp_path / "CURRENT").write_text(pointer, "utf-8")
    with pytest.raises(IndexDamaged, match="policykb rebuild"):
        generations.current(tmp_path)
    assert publish(tmp_path, "b") == 2
    assert read(tmp_path) == "b"


def test_no_pointer_is_missing(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="policykb rebuild"):
        generations.require_current(tmp_path)


def test_a_clone_shares_files_but_those_that_change(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("kept", "changing"):
        (source / name).write_text(name)
    generations.clone(source, tmp_path / "target", ("changing",))
    (tmp_path / "target" / "changing").write_text("changed")
    assert (source / "changing").read_text() == "changing"
    assert (tmp_path / "target" / "kept").samefile(source / "kept")


def test_a_clone_copies_where_links_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    source = tmp_path / "source"
    source.mkdir()
    (source / "kept").write_text("kept")
    monkeypatch.setattr(os, "link", refuse)
    generations.clone(source, tmp_path / "target")
    assert (tmp_path / "target" / "kept").read_text() == "kept"
    assert not (tmp_path / "target" / "kept").samefile(source / "kept")
