"""Write the versions installed here as a constraints file.

usage: python scripts/freeze_constraints.py constraints.txt
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

OWN = "policykb"
HEADER = """\
# Exact versions policykb is tested with; `pip install -c constraints.txt -e .` uses them.
# Written by `make constraints`. torch is pinned because a newer one may bring gigabytes of CUDA.
"""
#: Tools every environment brings along in its own version, and builds for one platform only.
LEFT_OUT = ("pip", "setuptools", "wheel", "nvidia-", "triton", "cuda-")


def installed() -> list[str]:
    """Return `name==version` of each distribution, sorted, without local version labels."""
    pins = set()
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"].lower().replace("_", "-")
        if name == OWN or name.startswith(LEFT_OUT):
            continue
        pins.add(f"{name}=={distribution.version.partition('+')[0]}")
    return sorted(pins)


def main() -> None:
    """Write the file named on the command line."""
    target = Path(sys.argv[1])
    target.write_text(HEADER + "\n".join(installed()) + "\n", encoding="utf-8")
    print(f"{target}: {len(installed())} pins")


if __name__ == "__main__":
    main()
