"""Which leads may be carried out of the house: those of people who agree to be contacted, now."""

from django.db.models import QuerySet

from leads.models import Lead


def restrict(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    """Asks the consents themselves: a lead's own mark may be some seconds behind."""
    return leads.filter(
        may_contact=True,
        respondent__consents__purpose="contact",
        respondent__consents__state="confirmed",
    )


def get_carried() -> QuerySet[Lead]:
    return restrict(Lead.objects.all())
