"""Answers over your own documents, every sentence proved by checked quotes."""
