"""Three hosts in network namespaces, whose workers, engines and links fail: nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from clusterlab import postgres_programs
from milvuslab import milvus_installed
from objectlab import s3_program
from waiting import wait_for

ROOT = Path(__file__).parents[2]
NAMESPACE = "pkb-may-we"
FOLDER = Path(tempfile.gettempdir()) / "policykb-hosts"


def missing() -> str | None:
    """Say what is not here that the hosts need."""
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("ip") is None:
        return "network namespaces need root and iproute2"
    if subprocess.run(["ip", "netns", "add", NAMESPACE], check=False).returncode:
        return "no network namespace may be made here"
    subprocess.run(["ip", "netns", "del", NAMESPACE], check=True)
    needed = {
        "PostgreSQL": postgres_programs(),
        "milvus-lite": milvus_installed(),
        "an S3 server": s3_program(),
        "Ray": find_spec("ray"),
    }
    absent = [name for name, found in needed.items() if not found]
    return f"not installed: {', '.join(absent)}" if absent else None


def start(*options: str) -> subprocess.Popen[str]:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    command = [sys.executable, str(ROOT / "benchmarks" / "hosts.py"), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def namespaces() -> set[str]:
    return {path.name for path in Path("/run/netns").glob("pkb-*")}


def has_begun_since(moment: float) -> bool:
    """Tell whether a run has started its first host, in namespaces that it made."""
    log = FOLDER / "engines.log"
    return log.exists() and log.stat().st_mtime >= moment


@pytest.mark.slow
def test_nothing_is_lost_whatever_fails() -> None:
    run = start("--outage", "4", "--seconds", "2", "--files", "16")
    said, _ = run.communicate(timeout=3000)
    assert run.returncode == 0, said
    assert "NOT SHOWN" not in said
    assert "verify: ok True" in said
    assert "documents: 81 of 81 files" in said
    assert "found by its number: 81 of 81 files" in said
    assert namespaces() == set()


@pytest.mark.slow
def test_a_run_that_is_ended_leaves_nothing_and_one_that_is_killed_nothing_for_long() -> None:
    options = ("--files", "1", "--seconds", "0.5")
    killed = start(*options)
    assert wait_for(lambda: len(namespaces()) == 4 or killed.poll() is not None, 300)
    killed.kill()
    killed.communicate()
    began = time.time()
    ended = start(*options)
    assert wait_for(lambda: has_begun_since(began) or ended.poll() is not None, 300)
    ended.terminate()
    said, _ = ended.communicate(timeout=120)
    assert ended.returncode == 128 + signal.SIGTERM, said
    assert namespaces() == set()
    assert not FOLDER.exists()
