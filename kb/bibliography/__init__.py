"""References to documents, as literature lists want them."""

from kb.bibliography.styles import STYLES, Style, reference

__all__ = ["STYLES", "Style", "reference"]
