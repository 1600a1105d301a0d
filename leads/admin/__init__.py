from leads.admin import colleagues, leads, rules, texts

__all__ = ["colleagues", "leads", "rules", "texts"]
