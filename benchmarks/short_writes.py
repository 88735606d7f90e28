"""Let a command's n-th write be cut short, by a library that is compiled and preloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("short_writes.c")


class ShortWrites:
    """Cuts writes below a folder."""

    def __init__(self, folder: Path, under: Path) -> None:
        """Compile the library into `folder`; it is about files in `under`."""
        self._under = under
        self._counted = folder / "writes"
        self._library = folder / "short_writes.so"
        compiler = ["cc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(SOURCE), "-ldl"]
        subprocess.run(compiler, check=True)

    @staticmethod
    def possible() -> bool:
        """Tell whether there is a compiler."""
        return shutil.which("cc") is not None

    def environment(self, at: int = 0, then: int = 0) -> dict[str, str]:
        """Return what makes a process cut its write `at`, and fail with the error `then` after."""
        return {
            "LD_PRELOAD": str(self._library),
            "SHORT_UNDER": f"{self._under}{os.sep}",
            "SHORT_AT": str(at),
            "SHORT_THEN": str(then),
            **({} if at else {"SHORT_COUNTED": str(self._counted)}),
        }

    def counted(self) -> int:
        """Return how many writes there were since this was asked, in processes that cut none."""
        found = self._counted.stat().st_size if self._counted.exists() else 0
        self._counted.unlink(missing_ok=True)
        return found
