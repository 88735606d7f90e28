"""Answers worded by a language model, every sentence held to the passages it cites."""
