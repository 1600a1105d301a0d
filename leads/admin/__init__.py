from leads.admin import leads, texts

__all__ = ["leads", "texts"]
