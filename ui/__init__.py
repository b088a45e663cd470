"""The web chat: questions, answers with their sources beside them, documents, and the last evaluation."""

from ui.app import furnish

__all__ = ["furnish"]
