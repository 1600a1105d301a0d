"""Marketers set the rules of the score; administrators see every lead and what was refused."""

from django.db import migrations

from pmoportal.granting import grant

RULES = ["view_scorerules", "add_scorerules"]
RIGHTS = {
    "Marketers": RULES,
    "Consultants": ["view_scorerules"],
    "Administrators": [
        *RULES,
        "see_all_leads",
        "view_refusal",
        *(f"{right}_consultant" for right in ("add", "change", "delete", "view")),
    ],
}


class Migration(migrations.Migration):
    dependencies = [("leads", "0011_fill_score_columns")]

    operations = [grant(app="leads", rights=rights, group=group) for group, rights in RIGHTS.items()]
