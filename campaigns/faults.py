"""What is wrong with a text, a campaign or a file, as sentences a marketer understands.

Like `words`, the one table: the code that finds faults knows only codes.
"""

from typing import Protocol

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# What is wrong with a text, or with a whole campaign. “%(name)s” is what was written.
PROBLEMS = {
    "bad_link": _("“%(name)s” is not a link a mail may carry. Write https://… or mailto:…"),
    "link_not_closed": _("A link is not closed. Write [what to press](https://…)."),
    "link_without_words": _(
        "The link to %(name)s has no words to press, or an address among them. Write"
        " [what to press](%(name)s)."
    ),
    "bad_name": _("“%(name)s” cannot be a placeholder. Only names from the list may be used."),
    "cannot_be_filled": _("Cannot be filled in for every respondent: %(name)s."),
    "comment": _("{# … #} has no meaning here. Only {{ name }} may be used."),
    "dead_link": _("“%(name)s” leads to no page of this site."),
    "dotted_name": _("“%(name)s” is not a placeholder. Names have no dots."),
    "empty": _("The text is missing."),
    "empty_fallback": _("There is nothing after “|” in {{ %(name)s | }}."),
    "empty_name": _("There is no name between {{ and }}."),
    "filter": _(
        "What follows “|” is shown to people who lack the value. Filters do not exist here."
    ),
    "image": _("Pictures cannot be used in mails: “%(name)s”."),
    "line_break": _("Must be one line, without line breaks or invisible characters."),
    "lost": _("“%(name)s” would disappear here. Put it in ordinary text."),
    "missing_fallback": _(
        "“%(name)s” may be missing for some people. Write what to say then: {{ %(name)s | … }}."
    ),
    "never_published": _("The test has not been published yet. Publish it first."),
    "no_steps": _("The campaign has no steps."),
    "no_tip": _("No tip in use for this role and tier."),
    "no_way_out": _("The mail does not say how to stop it and who sends it. Tell the operator."),
    "no_weekday": _("No weekday is chosen, so nothing would ever leave."),
    "stray_close": _("“}}” without “{{” before it."),
    "tag": _("{% … %} has no meaning here. Only {{ name }} may be used."),
    "too_large": _("The mail is too large."),
    "too_long": _("The text is too long."),
    "unclosed": _("“{{” without “}}” after it."),
    "unknown_variable": _("“%(name)s” is not a placeholder that can be used here."),
}

# What is wrong with a file that is to be imported.
FILE_PROBLEMS = {
    "closes_first": _("The window must open before it closes."),
    "control_character": _("There is an invisible character in the text."),
    "missing": _("Something is missing here."),
    "no_such_role": _("The test has no role “%(name)s”."),
    "no_such_test": _("There is no published test “%(name)s” here."),
    "not_a_choice": _("This is none of the words that are possible here."),
    "not_a_date": _("This is not a date. Write it like 2026-12-28."),
    "not_a_key": _("A key has only letters a–z, digits, - and _, 50 at most."),
    "not_a_time": _("This is not a time. Write it like 08:30, in quotes."),
    "not_a_zone": _("There is no such time zone. Write it like Europe/Stockholm."),
    "not_yaml": _("The file cannot be read: %(name)s."),
    "other_format": _("The file was made by a newer version of this program."),
    "out_of_range": _("The number is too small or too large."),
    "role_of_tips_only": _("A tip, and only a tip, says for which role it is."),
    "told_twice": _("“%(name)s” is there twice."),
    "too_large_file": _("The file is larger than 1 MB."),
    "unknown_field": _("“%(name)s” means nothing here."),
    "wrong_length": _("The text is too long, or empty."),
    "wrong_type": _("This is not the kind of value that belongs here."),
}

# What is worth a second look before publishing. “%(figure)d” is the count it is about.
ADVICE = {
    "few_tips": _("There are fewer tips than the %(figure)d that one person may be due."),
    "hard_to_read": _("Hard to read: LIX %(figure)d. Below 55 most people read on."),
    "long_subject": _("%(figure)d characters: a phone shows the first 50 of a subject."),
    "long_tip": _("%(figure)d words. A tip is read when it has 80 to 160."),
    "many_links": _("%(figure)d links. With one, it is clear what to do."),
    "same_preview": _("Says the same as the subject. It could say what comes after."),
    "shouting": _("Capitals and exclamation marks look like shouting."),
    "short_tip": _("%(figure)d words. A tip has room for 80 to 160."),
    "spam_word": _("“%(name)s” is a word that spam filters know."),
}

# These concern a whole text, so a line and a column would only confuse.
WHOLE_TEXT = ("empty", "line_break", "too_long")


class Problem(Protocol):
    """What both placeholders and publishing say about a fault."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def suggestion(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


def describe_problem(problem: Problem) -> str:
    """Where, what, and what may have been meant."""
    known = PROBLEMS | FILE_PROBLEMS
    sentence = str(known.get(problem.code, problem.code))
    if "%(name)s" in sentence:
        sentence = sentence.replace("%(name)s", problem.name)
    if problem.line and not problem.column:
        sentence = gettext("Line %(line)d:") % {"line": problem.line} + f" {sentence}"
    elif problem.line and problem.code not in WHOLE_TEXT:
        place = gettext("Line %(line)d, column %(column)d:") % {
            "line": problem.line,
            "column": problem.column,
        }
        sentence = f"{place} {sentence}"
    if problem.suggestion:
        sentence += " " + gettext("Did you mean “%(suggestion)s”?") % {
            "suggestion": problem.suggestion
        }
    return sentence


def describe_advice(code: str, *, name: str, figure: int) -> str:
    return str(ADVICE[code]) % {"name": name, "figure": figure}
