"""Answers made of the documents' own sentences: question, evidence, span, refusal, wording."""
