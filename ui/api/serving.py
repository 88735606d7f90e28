"""Start the server: whom it listens to and asks for keys, and how long it waits for anything."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.supervisors import Multiprocess

from kb import KBError, report_failure
from ui.api.guard import LONGEST_HEAD
from ui.api.options import ANY, LOOPBACK_HOSTS, ServiceOptions, is_loopback

#: Seconds for a request's headers to come, between requests on one connection, and for answers
#: under way to be finished once the server is told to stop.
HEAD_TIMEOUT = 15
KEEP_ALIVE = 15
GRACE = 30
#: The exit status of what Ctrl-C has stopped.
INTERRUPTED = 130
#: Where keys are needed, what each may ask, and whoever asks without one.
KEY_RATE = "1200/minute"
ADDRESS_RATE = "120/minute"


class HeadTimed(H11Protocol):
    """HTTP/1.1 that does not wait for ever for a request to begin."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give a new connection some seconds to send its headers."""
        super().connection_made(transport)
        self._waiting = self.loop.call_later(HEAD_TIMEOUT, self._check_begun)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _check_begun(self) -> None:
        begun: RequestResponseCycle | None = self.cycle
        if begun is None and not self.transport.is_closing():
            self.transport.close()


def main() -> None:
    """Read the command line and serve until stopped."""
    given = _parser().parse_args()
    options = _options(given)
    options.to_environment()
    try:
        served = _serve_alone(given) if given.workers == 1 else _serve_together(given, options)
    except KBError as error:
        sys.exit(report_failure(error))
    except KeyboardInterrupt:
        # Told to stop, and stopped in good order.
        sys.exit(INTERRUPTED)
    sys.exit(0 if served else 1)


def _serve_alone(given: argparse.Namespace) -> bool:
    config = _config(given)
    config.load()
    _announce(given)
    uvicorn.Server(config).run()
    return True


def _serve_together(given: argparse.Namespace, options: ServiceOptions) -> bool:
    """Serve with several processes; False where one of them could not start."""
    from ui.api.app import opened

    with tempfile.TemporaryDirectory(prefix="policykb-") as folder:
        # Before the library is loaded in any worker: there it decides how metrics are kept.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        config = _config(given)
        # Once, so that the workers do not all make or upgrade it at the same moment.
        opened(options).close()
        workers = Multiprocess(config, sockets=[config.bind_socket()])
        _announce(given)
        workers.run()
    return all(worker.exitcode != STARTUP_FAILURE for worker in workers.processes)


def _announce(given: argparse.Namespace) -> None:
    address = f"http://{given.host}:{given.port}"
    sys.stderr.write(f"API on {address}, documentation on /docs; Ctrl-C stops it\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policykb serve")
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--require-keys", action="store_true")
    parser.add_argument("--allow-host", action="append", default=[])
    parser.add_argument("--allow-origin", action="append", default=[])
    parser.add_argument("--proxy", action="append", default=[])
    parser.add_argument("--rate", default=None)
    parser.add_argument("--rate-storage", default="memory://")
    return parser


def _options(given: argparse.Namespace) -> ServiceOptions:
    needs_keys = given.require_keys or not is_loopback(given.host)
    hosts = (*LOOPBACK_HOSTS, *(name.lower() for name in given.allow_host))
    if needs_keys and not given.allow_host:
        # A name that is not ours is no danger where nothing is answered without a key.
        hosts = (ANY,)
    return ServiceOptions(
        home=None if given.home is None else str(given.home),
        require_keys=needs_keys,
        hosts=hosts,
        origins=tuple(given.allow_origin),
        key_rate=given.rate or (KEY_RATE if needs_keys else ""),
        address_rate=ADDRESS_RATE if needs_keys else "",
        rate_storage=given.rate_storage,
    )


def _config(given: argparse.Namespace) -> uvicorn.Config:
    from ui.api.observe import log_config

    return uvicorn.Config(
        "ui.api.app:from_environment" if given.workers == 1 else "ui.api.app:in_worker",
        factory=True,
        host=given.host,
        port=given.port,
        workers=given.workers,
        http=HeadTimed,
        ws="none",
        log_config=log_config(),
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=["127.0.0.1", "::1", *given.proxy],
        h11_max_incomplete_event_size=LONGEST_HEAD,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
