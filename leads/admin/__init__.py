from leads.admin import hooks, leads, tokens

__all__ = ["hooks", "leads", "tokens"]
