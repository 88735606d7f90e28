"""Passages encoded here and by workers of a Ray cluster: how fast, and what it costs the driver.

usage: python benchmarks/cluster_encoding.py [--workers 1 2] [--passages 1500] [--layers 4]
           [--hidden 512] [--model FOLDER] [--batch N]

Makes an untrained contextual model, unless given one (4 layers of 512 are the size of
bge-small-zh), starts Ray with a node of as many processors as there are workers, on this machine,
and encodes passages of 115 characters here, on one thread and on as many as torch takes, and
there. Prints, for each: seconds until the workers hold the model, sent for the first time and kept
from before; passages a second then; the driver's own processor milliseconds a passage, and the
largest difference from a vector made here.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

import numpy as np
from modellab import CHARACTERS, save_transformer
from raylab import running_ray

from index import Encoder, Vectors
from index.embed import load_encoder
from kb.config import Settings
from kb.encoding import flight
from kb.encoding.choice import passage_encoder
from kb.encoding.encoder import AT_ONCE, ClusterEncoder

LENGTH = 115


def passages(count: int) -> list[str]:
    """Return texts of the model's characters, always the same."""
    chance = random.Random(7)
    return ["".join(chance.choices(CHARACTERS, k=LENGTH)) for _ in range(count)]


def processor_seconds() -> float:
    """Return the processor seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def shelves() -> Iterator[None]:
    """Let workers keep models in a folder that ends with the measurement."""
    before = os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = before


def here(encoder: Encoder, texts: list[str], threads: int) -> tuple[Vectors, dict[str, float]]:
    """Encode on this machine."""
    import torch

    torch.set_num_threads(threads)
    encoder.encode_passages(texts[:64])
    started, own = time.perf_counter(), processor_seconds()
    vectors = encoder.encode_passages(texts)
    wall, own = time.perf_counter() - started, processor_seconds() - own
    return vectors, {"passages/s": len(texts) / wall, "driver ms/passage": 1e3 * own / len(texts)}


def there(encoder: Encoder, texts: list[str], workers: int, right: Vectors) -> dict[str, float]:
    """Encode on a cluster, once with the model to be sent and once with it kept there."""
    from ingest.cluster.session import connect, disconnect

    row: dict[str, float] = {}
    with shelves(), running_ray(workers) as cluster:
        connect(cluster.url)
        settings = Settings(executor=cluster.url, encode_on="cluster", encoders=workers)
        far = passage_encoder(encoder, settings)
        if not isinstance(far, ClusterEncoder):
            raise SystemExit(f"{encoder.spec.model} is not a model that is sent to a cluster")
        for name in ("start s, sent", "start s, kept"):
            with far.publication():
                started = time.perf_counter()
                # One passage begins a worker, a batch for each of them all.
                far.encode_passages(texts[:1])
                while far.at_once < AT_ONCE * workers:
                    far.encode_passages(texts[: workers * flight.BATCH])
                row[name] = time.perf_counter() - started
                if name.endswith("sent"):
                    continue
                started, own = time.perf_counter(), processor_seconds()
                vectors = far.encode_passages(texts)
                wall, own = time.perf_counter() - started, processor_seconds() - own
        disconnect()
    return row | {
        "passages/s": len(texts) / wall,
        "driver ms/passage": 1e3 * own / len(texts),
        "difference": float(np.abs(vectors - right).max()),
    }


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--passages", type=int, default=1500)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--batch", type=int, default=flight.BATCH)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    flight.BATCH = given.batch
    texts = passages(given.passages)
    with tempfile.TemporaryDirectory() as folder:
        model = given.model or save_transformer(Path(folder, "m"), given.layers, given.hidden)
        encoder = load_encoder(str(model))
        told(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
        size = sum(path.stat().st_size for path in Path(model).rglob("*") if path.is_file())
        told(f"model of {size / 1e6:.0f} MB, {len(texts)} passages, batches of {flight.BATCH}")
        for threads in sorted({1, os.cpu_count() or 1}):
            right, row = here(encoder, texts, threads)
            told(f"here, {threads} threads", row)
        for workers in given.workers:
            told(f"{workers} workers", there(encoder, texts, workers, right))
    told(f"load {os.getloadavg()[0]:.1f}")


def told(name: str, row: dict[str, float] | None = None) -> None:
    """Print a line at once."""
    values = "  ".join(f"{key} {value:.3g}" for key, value in (row or {}).items())
    print(f"{name:16}{values}", flush=True)


if __name__ == "__main__":
    main()
