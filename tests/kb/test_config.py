"""Settings: the file, the environment, and what is wrong with them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kb import HomeProblem
from kb.config import Settings, default_home, load_settings, save_setting


def write(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "policykb.toml").write_text(text, "utf-8")


def test_nothing_set_is_the_defaults(home: Path) -> None:
    assert load_settings(home, {}) == Settings()


def test_the_file_is_read_and_the_environment_overrides_it(home: Path) -> None:
    write(home, 'model = "thenlper/gte"\nworkers = 3\ntimeout = 20\n')
    settings = load_settings(home, {"POLICYKB_WORKERS": "1", "POLICYKB_HOME": "/elsewhere"})
    assert (settings.model, settings.workers, settings.timeout) == ("thenlper/gte", 1, 20.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = ", "not valid TOML"),
        ("colour = 1", "unknown setting 'colour'; known: store, index, originals"),
        ('workers = "two"', "workers must be a int"),
        ("workers = -1", "workers must be positive"),
        ("refuse_below = 1.5", "refuse_below must be from 0 to 1"),
        ("timeout = 0", "timeout must be positive"),
        ('ocr = "sometimes"', "ocr must be one of auto, never, always"),
        ('public_url = "kb.example.org"', "public_url is no address of a server"),
        ('public_url = "https://a:b@kb.example.org"', "public_url is no address of a server"),
        ('public_url = "https://kb.example.org/?a=1"', "public_url is no address of a server"),
        ('public_url = "javascript:alert(1)"', "public_url is no address of a server"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(home: Path, text: str, said: str) -> None:
    write(home, text)
    with pytest.raises(HomeProblem, match=said) as caught:
        load_settings(home, {})
    assert "policykb.toml" in caught.value.message


def test_a_wrong_variable_is_named(home: Path) -> None:
    with pytest.raises(HomeProblem, match="POLICYKB_TIMEOUT: timeout must be a float"):
        load_settings(home, {"POLICYKB_TIMEOUT": "long"})


def test_saving_a_setting_leaves_the_rest_as_it_is(home: Path) -> None:
    write(home, '# ours\nworkers = 2\nmodel = "a"  # was b\n')
    save_setting(home, "model", 'C:\\models\\"x"')
    text = (home / "policykb.toml").read_text("utf-8")
    assert text.startswith("# ours\nworkers = 2\n")
    assert tomllib.loads(text) == {"workers": 2, "model": 'C:\\models\\"x"'}
    assert load_settings(home, {}).model == 'C:\\models\\"x"'


def test_saving_a_setting_makes_the_file(home: Path) -> None:
    home.mkdir()
    save_setting(home, "model", "default")
    assert load_settings(home, {}).model == "default"


def test_the_home_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("POLICYKB_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("POLICYKB_HOME")
    assert default_home().name == "policykb"
