from assessments.admin import drafts, erasures, history

__all__ = ["drafts", "erasures", "history"]
