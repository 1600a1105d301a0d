from leads.admin import colleagues, hooks, leads, rules, texts, tokens

__all__ = ["colleagues", "hooks", "leads", "rules", "texts", "tokens"]
