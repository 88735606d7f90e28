"""Three hosts in network namespaces, whose workers, engines and links fail: nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from clusterlab import postgres_programs
from milvuslab import milvus_installed
from objectlab import s3_program

ROOT = Path(__file__).parents[2]
NAMESPACE = "pkb-may-we"


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


@pytest.mark.slow
def test_nothing_is_lost_whatever_fails(tmp_path: Path) -> None:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    import pymupdf

    for number in range(11):
        with pymupdf.open() as document:
            for page in range(30):
                text = f"关于出口信贷支持的意见，第{number}份，第{page}页。鼓励银行扩大信贷支持。"
                document.new_page().insert_text((50, 60), text, fontname="china-s", fontsize=11)
            document.save(tmp_path / f"{number}.pdf")
    command = [sys.executable, str(ROOT / "benchmarks" / "hosts.py"), str(tmp_path)]
    ended = subprocess.run(
        [*command, "--outage", "10"], capture_output=True, text=True, timeout=1500, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verify: ok True" in ended.stdout
    assert "documents: 11 of 11 files" in ended.stdout
