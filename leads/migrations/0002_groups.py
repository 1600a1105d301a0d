"""The three groups of the people who work here, with no more rights than their work needs."""

from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

DRAFTS = {
    "assessments": ["assessment", "verdicttext", "role", "roletext", "question", "choice", "weight"],
    "campaigns": ["campaign", "step", "tip"],
}
MARKETERS = {
    "assessments": [f"{right}_{model}" for model in DRAFTS["assessments"]
                    for right in ("add", "change", "delete", "view")]
    + ["view_assessmentversion"],
    "campaigns": [f"{right}_{model}" for model in DRAFTS["campaigns"]
                  for right in ("add", "change", "delete", "view")]
    + ["view_campaignversion", "view_enrolment", "view_message", "view_consentwording"],
}
CONSULTANTS = {
    "leads": ["view_lead", "change_lead"],
}
ADMINISTRATORS = {
    **MARKETERS,
    "assessments": MARKETERS["assessments"] + ["view_response", "view_respondent"],
    "campaigns": MARKETERS["campaigns"]
    + ["view_consent", "view_consentevent", "view_consentorigin", "add_consentwording"]
    + [f"{right}_suppression" for right in ("view", "delete")],
    "leads": ["view_lead", "change_lead"],
    "auth": [f"{right}_{model}" for model in ("user", "group")
             for right in ("add", "change", "delete", "view")],
}
GROUPS = {
    "Marketers": MARKETERS,
    "Consultants": CONSULTANTS,
    "Administrators": ADMINISTRATORS,
}


def make_groups(apps: Apps, schema_editor: Any) -> None:
    # Permissions are made after all migrations; here they are needed already.
    for name in ("assessments", "campaigns", "leads", "auth"):
        config = apps.get_app_config(name)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    permission = apps.get_model("auth", "Permission")
    for group_name, rights in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=group_name)
        for app, codenames in rights.items():
            group.permissions.add(
                *permission.objects.filter(content_type__app_label=app, codename__in=codenames)
            )


def remove_groups(apps: Apps, schema_editor: Any) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0001_initial"),
        ("campaigns", "0002_freeze_history"),
        ("assessments", "0002_freeze_versions"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]
