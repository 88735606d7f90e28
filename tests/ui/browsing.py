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
PATIENCE = 90_000
#: Seconds that a server may take to start, and to stop before it is made to; ports tried.
STARTING = 300.0
STOPPING = 60.0
ATTEMPTS = 3


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
    environment = {**os.environ, "POLICYKB_HOME": str(home), **variables}
    server, port = _started(environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(server)


def _started(environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server; on another port where another process was quicker to take the first."""
    for _ in range(ATTEMPTS):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        command = [
            *(sys.executable, "-m", "streamlit", "run", str(Path(ui.__file__).parent / "app.py")),
            *("--server.port", str(port), "--server.address", "127.0.0.1"),
            *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
        ]
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        if _is_up(f"http://127.0.0.1:{port}/_stcore/health", server):
            return server, port
        _stop(server)
    raise AssertionError("the web UI did not start")


def _is_up(url: str, server: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + STARTING
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own server
                return server.poll() is None
        except OSError:
            time.sleep(0.2)
    return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOPPING)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def settled(page: Page) -> None:
    """Wait until the page is drawn, nothing runs and keys are heard.

    After a press or a choice, first wait for what it changes: a run takes a moment to begin.
    """
    page.wait_for_selector('[data-testid="stButtonGroup"]', timeout=PATIENCE)
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=PATIENCE)
    # The page's own script marks the page that is open in the same breath as it begins to listen.
    here = page.locator('.st-key-pages a[aria-current="page"]')
    here.wait_for(state="attached", timeout=PATIENCE)
    skeletons = "!document.querySelector('[data-testid=stSkeleton]')"
    page.wait_for_function(skeletons, timeout=PATIENCE)
