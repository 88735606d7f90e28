"""Findings with their place in the draft."""

from __future__ import annotations

from dataclasses import dataclass

from kb.comparing.sources import Source
from kb.comparing.types import Finding, FindingKind, FindingStatus, Match


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that is being checked."""

    source: Source

    @property
    def text(self) -> str:
        """Its running text."""
        return self.source.text

    def finding(
        self,
        kind: FindingKind,
        start: int,
        end: int,
        status: FindingStatus,
        matches: tuple[Match, ...] = (),
        message: str = "",
    ) -> Finding:
        """Return what was found of the draft's characters `[start, end)`."""
        source = self.source
        return Finding(
            kind=kind,
            text=source.text[start:end],
            page=source.page_at(start),
            clause=source.clause_at(start),
            boxes=source.boxes(start, end),
            status=status,
            matches=matches,
            message=message,
        )
