"""No column gets into the database without somebody having said whether it is about people."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from modeltranslation.translator import NotRegistered, translator

from assessments.personal_data import get_fields, get_holders

APPS = ("assessments", "campaigns", "leads", "pmoportal")
PEOPLE = ("assessments.Respondent", settings.AUTH_USER_MODEL)
WHAT_TO_DO = (
    "{model}.{column} may hold something about a person, and nobody has said so. Add it in"
    " {module} of its app: to FIELDS with kind, purpose and retention if it does, and to"
    " IMPERSONAL if it never can."
)
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
ADDRESSES = (models.GenericIPAddressField, models.FileField)


def get_own_models() -> list[type[models.Model]]:
    return [model for name in APPS for model in apps.get_app_config(name).get_models()]


def is_about_somebody(model: type[models.Model]) -> bool:
    """A respondent, or whatever hangs on one, however far."""
    if model._meta.label == PEOPLE[0]:
        return True
    return any(
        is_about_somebody(field.related_model)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is not model
    )


def get_columns_to_judge(model: type[models.Model]) -> Iterator[str]:
    translated = get_translations(model)
    is_personal = is_about_somebody(model)
    for field in model._meta.concrete_fields:
        if field.name in translated or isinstance(field, models.AutoField | models.BigAutoField):
            continue
        holds_text = isinstance(field, TEXTS + ADDRESSES) and not field.choices
        names_colleague = (
            isinstance(field, models.ForeignKey) and field.related_model._meta.label in PEOPLE
        )
        if is_personal or holds_text or names_colleague:
            yield field.name


def get_translations(model: type[models.Model]) -> set[str]:
    """title_sv and title_en are judged as title."""
    try:
        fields = translator.get_options_for_model(model).all_fields
    except NotRegistered:
        return set()
    return {each.name for own in fields.values() for each in own}


def get_judged() -> set[tuple[str, str]]:
    spoken = {(field.model._meta.label, field.column) for field in get_fields()}
    for holder in get_holders():
        spoken |= {
            (model._meta.label, column)
            for model, columns in holder.impersonal.items()
            for column in columns
        }
    return spoken


def test_every_column_is_in_a_map_or_holds_nothing_about_people() -> None:
    judged = get_judged()
    unspoken = [
        WHAT_TO_DO.format(
            model=model._meta.label,
            column=column,
            module="holdings.py" if model._meta.app_label == "assessments" else "personal_data.py",
        )
        for model in get_own_models()
        for column in get_columns_to_judge(model)
        if (model._meta.label, column) not in judged
    ]
    assert not unspoken, "\n".join(unspoken)


def test_nothing_in_a_map_has_gone_from_the_database() -> None:
    for label, column in get_judged():
        assert apps.get_model(label)._meta.get_field(column).concrete, f"{label}.{column}"


def test_no_column_is_in_two_places() -> None:
    personal = [(field.model._meta.label, field.column) for field in get_fields()]
    assert len(personal) == len(set(personal))
    impersonal = [
        (model._meta.label, column)
        for holder in get_holders()
        for model, columns in holder.impersonal.items()
        for column in columns
    ]
    assert not set(personal) & set(impersonal)


@pytest.mark.parametrize(
    "field", get_fields(), ids=lambda field: f"{field.model._meta.label}.{field.column}"
)
def test_every_personal_column_has_kind_purpose_and_retention(field: Any) -> None:
    assert field.kind
    assert field.purpose
    assert field.retention


def test_a_new_column_is_found() -> None:
    class Note(models.Model):
        text = models.TextField()
        count = models.IntegerField()
        written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)

        class Meta:
            app_label = "tests"

    assert list(get_columns_to_judge(Note)) == ["text", "written_by"]
