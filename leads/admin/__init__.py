from leads.admin import colleagues, leads, rules, texts

__all__ = ["colleagues", "leads", "rules", "texts"]
from leads.admin import hooks, tokens

__all__ = ["hooks", "leads", "texts", "tokens"]
