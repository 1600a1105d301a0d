from leads.admin import colleagues, leads, rules

__all__ = ["colleagues", "leads", "rules"]
