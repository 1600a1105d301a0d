from assessments.admin import drafts, history

__all__ = ["drafts", "history"]
