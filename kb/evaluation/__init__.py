"""Measure search and answers on question files and retrieval sets."""
