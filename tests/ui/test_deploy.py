"""The files for running the service: what can be checked of them without running them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from kb.cli.app import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def options_of_serve() -> set[str]:
    serve = get_command(app).commands["serve"]  # type: ignore[attr-defined]
    return {name for option in serve.params for name in option.opts}


def test_the_containers_fit_together() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    assert "ports" not in services["api"], "only nginx is reached from outside"
    build = services["api"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).exists()
    mounted = [volume.split(":")[0] for volume in services["web"]["volumes"]]
    assert (DEPLOY / mounted[0]).exists()
    subnet = compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert services["api"]["command"][-1] == subnet
    assert set(compose["volumes"]) == {"kb"}
    grace = services["api"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > 30


@pytest.mark.parametrize("name", ["compose.yaml", "Dockerfile", "policykb.service"])
def test_commands_use_options_there_are(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    used = set(re.findall(r"(?<![\w-])--(?:host|port|workers|proxy|allow-\w+|require-keys)", text))
    assert used
    assert used <= options_of_serve()
    assert any("serve" in line for line in lines)


def test_the_image_copies_what_there_is_and_does_not_run_as_root() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M)
    names = [name for line in copied for name in line.split()]
    assert {"kb", "ingest", "index", "ui", "pyproject.toml"} <= set(names)
    assert all((ROOT / name).exists() for name in names)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8")
    assert all(f"!{name}" in ignored for name in names)
    assert text.rindex("USER policykb") < text.rindex("CMD [")
    bases = re.findall(r"^FROM (\S+)", text, re.M)
    assert all(":" in base and not base.endswith(":latest") for base in bases)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx: apt-get install nginx")
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=kb.example.org -keyout"
    command = [*made.split(), str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    text = text.replace("/etc/nginx/tls", str(tmp_path)).replace("api:8765", "127.0.0.1:8765")
    (tmp_path / "nginx.conf").write_text(text.replace("/tmp/nginx.pid", str(tmp_path / "pid")))  # noqa: S108
    checked = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_its_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "policykb.service").read_text("utf-8")
    unit = tmp_path / "policykb.service"
    unit.write_text(text.replace("/opt/policykb/bin/policykb", "/bin/true"))
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert "policykb.service" not in checked.stderr, checked.stderr
