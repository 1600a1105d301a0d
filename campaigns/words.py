"""Every reason and problem code of this app as a sentence a marketer understands.

The one table: admin pages and lists read from here, the code that decides knows only codes.
"""

from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

# Why a message, an enrolment or a hold is as it is.
REASONS = {
    "bounce": lazy("The address does not exist: an earlier mail bounced."),
    "cap": lazy("Waits: this person had another mail recently."),
    "complaint": lazy("The person reported our mail as spam."),
    "completed": lazy("Has had every step."),
    "erased": lazy("The person asked us to erase everything."),
    "error": lazy("Could not be planned because of a fault. We try again within an hour."),
    "gave_up": lazy("The mail server said “later” every time, so we gave up."),
    "lost_after_body": lazy("The connection broke while the mail was handed over."),
    "lost_after_dot": lazy("Handed over, but the mail server never answered. It may have arrived."),
    "lost_after_response": lazy(
        "The mail provider's answer could not be read. It may have arrived."
    ),
    "lost_after_transport": lazy("Sending broke down halfway. It may have arrived."),
    "mail_under_way": lazy("Waits until the mail before it has left."),
    "manual": lazy("The address was blocked by hand."),
    "no_consent": lazy("There is no confirmed consent for this."),
    "no_scored_role": lazy("Too few answers to say which role is weakest."),
    "no_unread_tip": lazy("The person has already had every tip that fits."),
    "paused": lazy("Paused."),
    "refused": lazy("The mail server refused it for good."),
    "remove_me": lazy("The person asked to be removed."),
    "resent_once": lazy("Sent once more, because nobody knew whether the first one arrived."),
    "too_late": lazy("Could not leave while it was still useful."),
    "try_later": lazy("The mail server said “later”. We will try again."),
    "unrenderable": lazy("The text could not be filled in for this person."),
    "unsubscribed": lazy("The person unsubscribed."),
    "window": lazy("Waits for a working day and working hours."),
    "worker_lost": lazy("The program that was sending it disappeared. It may have arrived."),
}

# What is wrong with a text, or with a whole campaign. “%(name)s” is what was written.
PROBLEMS = {
    "bad_link": lazy("“%(name)s” is not a link a mail may carry. Write https://… or mailto:…"),
    "bad_name": lazy("“%(name)s” cannot be a placeholder. Only names from the list may be used."),
    "cannot_be_filled": lazy("Cannot be filled in for every respondent: %(name)s."),
    "comment": lazy("{# … #} has no meaning here. Only {{ name }} may be used."),
    "dotted_name": lazy("“%(name)s” is not a placeholder. Names have no dots."),
    "empty": lazy("The text is missing."),
    "empty_fallback": lazy("There is nothing after “|” in {{ %(name)s | }}."),
    "empty_name": lazy("There is no name between {{ and }}."),
    "filter": lazy(
        "What follows “|” is shown to people who lack the value. Filters do not exist here."
    ),
    "image": lazy("Pictures cannot be used in mails: “%(name)s”."),
    "line_break": lazy("Must be one line, without line breaks or invisible characters."),
    "lost": lazy("“%(name)s” would disappear here. Put it in ordinary text."),
    "missing_fallback": lazy(
        "“%(name)s” may be missing for some people. Write what to say then: "
        "{{ %(name)s | … }}."
    ),
    "never_published": lazy("The test has not been published yet. Publish it first."),
    "no_steps": lazy("The campaign has no steps."),
    "no_tip": lazy("No tip in use for this role and tier."),
    "no_weekday": lazy("No weekday is chosen, so nothing would ever leave."),
    "stray_close": lazy("“}}” without “{{” before it."),
    "tag": lazy("{% … %} has no meaning here. Only {{ name }} may be used."),
    "too_large": lazy("The mail is too large."),
    "too_long": lazy("The text is too long."),
    "unclosed": lazy("“{{” without “}}” after it."),
    "unknown_variable": lazy("“%(name)s” is not a placeholder that can be used here."),
}

# What each placeholder becomes.
VARIABLES = {
    "booking_url": lazy("link for booking a talk"),
    "first_name": lazy("first name"),
    "overall_score": lazy("the whole result, 0–100"),
    "result_url": lazy("link to the person's own result"),
    "retake_url": lazy("link to take the test again"),
    "role_name": lazy("the role that the tip is about"),
    "second_role": lazy("the second weakest role"),
    "verdict": lazy("the verdict's title"),
    "weakest_role": lazy("the weakest role"),
    "weakest_score": lazy("the weakest role's points, 0–100"),
    "weakest_step": lazy("the weakest role's development step"),
}

INVARIANTS = {
    "no message is held by a worker past its lease": lazy(
        "Messages that a worker took and never finished"
    ),
    "no message left after its purpose was withdrawn": lazy(
        "Messages that left after the person had unsubscribed"
    ),
    "no due enrolment has been waiting for ten minutes": lazy(
        "People whose next step is more than ten minutes overdue"
    ),
    "no enrolment is active for a person who withdrew its purpose": lazy(
        "People still under way although they unsubscribed"
    ),
}

PARTS = {
    "subject": lazy("subject"),
    "preview": lazy("preview text"),
    "body": lazy("text"),
}

TIERS = {
    "weak": pgettext_lazy("tier", "weak"),
    "developing": pgettext_lazy("tier", "developing"),
    "strong": pgettext_lazy("tier", "strong"),
}

SYSTEM_MAILS = {
    "confirm": lazy("Confirming mail"),
    "stop": lazy("Link that stops all mail"),
}


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


def describe_reason(code: str) -> str:
    """The sentence for a reason; the code itself when it is new here."""
    return str(REASONS.get(code, code))


def describe_problem(problem: Problem) -> str:
    """Where, what, and what may have been meant."""
    sentence = str(PROBLEMS.get(problem.code, problem.code))
    if "%(name)s" in sentence:
        sentence = sentence.replace("%(name)s", problem.name)
    if problem.line:
        place = _("Line %(line)d, column %(column)d:") % {
            "line": problem.line,
            "column": problem.column,
        }
        sentence = f"{place} {sentence}"
    if problem.suggestion:
        sentence += " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": problem.suggestion}
    return sentence


def describe_invariant(sentence: str) -> str:
    return str(INVARIANTS.get(sentence, sentence))
