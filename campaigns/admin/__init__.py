from campaigns.admin import campaigns, consents, enrolments, lanes, messages, tips

__all__ = ["campaigns", "consents", "enrolments", "lanes", "messages", "tips"]
