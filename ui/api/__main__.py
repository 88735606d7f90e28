"""Serve the API: `python -m ui.api`, what `policykb serve` starts."""

from __future__ import annotations

from ui.api.serving import main

if __name__ == "__main__":
    main()
