from leads.admin import hooks, leads, texts, tokens

__all__ = ["hooks", "leads", "texts", "tokens"]
