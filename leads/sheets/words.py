"""What is wrong with a sheet, or with a line of it, in words."""

from django.utils.translation import gettext_lazy as _

SHEET = {
    "column_twice": _("Two columns have the same name."),
    "no_head": _("The first line must name the columns, as in a file exported here."),
    "not_a_sheet": _("This is not a sheet we can read. Save it as CSV UTF-8 or as XLSX."),
    "not_utf8": _("The text is not in UTF-8. In Excel: save as “CSV UTF-8”, or as XLSX."),
    "nothing_to_change": _(
        "No column can be changed: owner, stage, next step, or a new note must be among them."
    ),
    "too_large": _("The file is larger than 10 MB. Split it."),
    "too_many_changes": _("More than 2,000 lines change something. Split the file."),
    "too_many_rows": _("The file has more than 20,000 lines. Split it."),
    "unknown_column": _("There is no column of this name:"),
}
LINE = {
    "bad_date": _("The day must be written like 2026-10-01."),
    "changed_meanwhile": _("Somebody changed this lead after you looked. Nothing was done."),
    "day_passed": _("The day of the next step has passed, or is more than three years away."),
    "formula": _("A cell holds a formula. Put its value there instead."),
    "new_with_evidence": _(
        "A file adds nobody, even with a consent: without the test there is no result to talk "
        "about. Send them the link to the test."
    ),
    "new_without_evidence": _(
        "This is a new person without evidence of a consent. Nobody may write to them, so they "
        "are not added."
    ),
    "no_closing_reason": _("Won and lost need a reason from the list, in the column for reasons."),
    "no_day": _("A next step needs a day."),
    "no_such_colleague": _("No colleague who can own a lead logs in by this name."),
    "no_such_lead": _("There is no such lead, or it is not yours to change."),
    "no_such_stage": _("There is no such stage."),
    "too_long": _("A cell is too long."),
    "too_many_cells": _("The line has more cells than there are columns."),
    "twice": _("This lead stands in the file already, further up."),
}
