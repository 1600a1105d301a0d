from campaigns.admin import campaigns, consents, enrolments, messages, tips

__all__ = ["campaigns", "consents", "enrolments", "messages", "tips"]
