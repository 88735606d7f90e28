"""A browser and a server of the web UI for tests that look at pages as people see them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright

import ui

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds that anything on a page may take on a slow machine.
PATIENCE = 20_000
STARTING = 90.0


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium, else Playwright's own; skip where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
    except Error as error:
        pytest.skip(f"no Chromium to look at pages with: {error.message.splitlines()[0]}")


@contextmanager
def serving(home: Path, **variables: str) -> Iterator[str]:
    """Serve the web UI over a knowledge base on a free port; gives its address.

    `variables` are of its environment.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(Path(ui.__file__).parent / "app.py")),
        *("--server.port", str(port), "--server.address", "127.0.0.1"),
        *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
    ]
    environment = {**os.environ, "POLICYKB_HOME": str(home), **variables}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTING
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the web UI did not start")


def settled(page: Page) -> None:
    """Wait until the page is drawn and nothing runs."""
    page.wait_for_selector('[data-testid="stButtonGroup"]', timeout=PATIENCE)
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=PATIENCE)
