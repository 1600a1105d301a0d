from leads.admin import leads

__all__ = ["leads"]
