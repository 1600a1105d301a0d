"""Every reason of this app as a sentence a marketer understands; faults stand in `faults`.

The one table: admin pages and lists read from here, the code that decides knows only codes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# The one reason of a pause that somebody chose.
BY_HAND = "by_hand"

# Why a message, an enrolment or a hold is as it is.
REASONS = {
    "assumed_sent": _("Nobody knew whether it arrived. A person decided to count it as sent."),
    "bounces": _("Too much of its mail came back. Find out why before it goes on."),
    "bounce": _("The address does not exist: an earlier mail bounced."),
    "booked": _("A talk is booked, so the series has done its work."),
    "by_hand": _("Somebody paused it."),
    "campaign_paused": _("The campaign is paused. Goes on when it does."),
    "campaign_stopped": _("The campaign was stopped."),
    "cap": _("Waits: this person had another mail recently."),
    "complaints": _("Too many people reported its mail as spam. Find out why before it goes on."),
    "complaint": _("The person reported our mail as spam."),
    "completed": _("Has had every step."),
    "erased": _("The person asked us to erase everything."),
    "error": _("Could not be planned because of a fault. We try again within an hour."),
    "frozen_asked": _("The person wants no mail for a while."),
    "frozen_away": _("The person is away. Goes on when they are back."),
    "frozen_handover": _("A consultant has taken over. Goes on when the lead is released."),
    "gave_up": _("The mail server said “later” every time, so we gave up."),
    "gone": _("The person is no longer at that address, as an answer to our mail says."),
    "key_expired": _("Nobody knows whether it arrived, and it is too late to ask the provider."),
    "lost_after_dot": _("Handed over, but the mail server never answered. It may have arrived."),
    "lost_after_response": _("The mail provider's answer could not be read. It may have arrived."),
    "lost_after_transport": _("Sending broke down halfway. It may have arrived."),
    "mail_under_way": _("Waits until the mail before it has left."),
    "manual": _("The address was blocked by hand."),
    "never_open": _("The window never opens, so nothing would ever leave."),
    "no_consent": _("There is no confirmed consent for this."),
    "no_scored_role": _("Too few answers to say which role is weakest."),
    "no_unread_tip": _("The person has already had every tip that fits."),
    "own_cap": _("Waits: this person asked for fewer mails and had one recently."),
    "pace": _("Waits its turn: no more mail may leave at once."),
    "other_campaign": _("Waits until another campaign that goes first is done with this person."),
    "proved": _("Nobody knew for a while, but the provider's reports prove that it was sent."),
    "refused": _("The mail server refused it for good."),
    "remove_me": _("The person asked to be removed."),
    "replaced": _("A new version of the campaign ended it for those under way."),
    "replied": _("The person wrote back. What follows is a conversation and no sequence."),
    "resent_once": _("Sent once more, because nobody knew whether the first one arrived."),
    "resent_with_key": _("Handed over once more. The provider knows it if it had it already."),
    "sent_again": _("Nobody knew whether it arrived. A person decided to send it once more."),
    "too_late": _("Could not leave while it was still useful."),
    "try_later": _("The mail server said “later”. We will try again."),
    "unrenderable": _("The text could not be filled in for this person."),
    "unsubscribed": _("The person unsubscribed."),
    "window": _("Waits for a working day and working hours."),
    "won": _("Works with us now, so the series has done its work."),
    "worker_lost": _("The program that was sending it disappeared. It may have arrived."),
}

# Why a visit to a link is not taken for a person's.
VISIT_REASONS = {
    "all_links": _("every link of the mail within a few seconds"),
    "beside_machine": _("together with a scanner"),
    "crowd": _("with many colleagues in the same second"),
    "head": _("looked without opening"),
    "program": _("a program, not a browser"),
    "scanner_agent": _("a mail scanner by its own word"),
    "scanner_network": _("from a mail scanner's network"),
    "soon": _("soon after delivery"),
    "sooner": _("sooner than anybody can read"),
    "unknown_agent": _("no browser that we know"),
}

# These keep an enrolment waiting, and never end a message.
HOLDS = (
    "cap",
    "completed",
    "error",
    "mail_under_way",
    "never_open",
    "other_campaign",
    "own_cap",
    "window",
)

# What each placeholder becomes.
VARIABLES = {
    "booking_url": _("link for booking a talk"),
    "first_name": _("first name"),
    "overall_score": _("the whole result, 0–100"),
    "result_url": _("link to the person's own result"),
    "retake_url": _("link to take the test again"),
    "role_name": _("the role that the tip is about"),
    "second_role": _("the second weakest role"),
    "verdict": _("the verdict's title"),
    "weakest_role": _("the weakest role"),
    "weakest_score": _("the weakest role's points, 0–100"),
    "weakest_step": _("the weakest role's development step"),
}

# Whether mail may leave from here.
PERMITS = {
    "": _("Mail may leave from here."),
    "no_permit": _("No mail leaves: nobody has granted this installation a permit to send."),
    "other_host": _("No mail leaves: the permit to send is another computer's."),
    "other_database": _("No mail leaves: the permit to send is another database's."),
    "revoked": _("No mail leaves: the permit to send was revoked."),
    "restored": _(
        "No mail leaves: this database is older than the mail it has sent, as a restored backup is."
    ),
}

# How a campaign's mail is received, where it is not well.
REPUTATIONS = {
    "": "",
    "complaints_warn": _("People complain about its mail. If more do, it is paused by itself."),
    "complaints": REASONS["complaints"],
    "bounces": REASONS["bounces"],
}

INVARIANTS = {
    "no message is held by a worker past its lease": _(
        "Messages that a worker took and never finished"
    ),
    "no message left after its purpose was withdrawn": _(
        "Messages that left after the person had unsubscribed"
    ),
    "no message left while its campaign was paused": _(
        "Messages that left while their campaign was paused"
    ),
    "no sequence has two mails on their way to one person": _(
        "People with two mails of one campaign on their way"
    ),
    "no due enrolment has been waiting for ten minutes": _(
        "People whose next step is more than ten minutes overdue"
    ),
    "no enrolment is active for a person who withdrew its purpose": _(
        "People still under way although they unsubscribed"
    ),
    "no step of a completed sequence is without an ending": _(
        "People who are done with a campaign, but for a step that nobody knows the end of"
    ),
}

PARTS = {
    "subject": _("subject"),
    "preview": _("preview text"),
    "body": _("text"),
    "subject_b": _("second subject"),
}

ROLE_RANKS = {
    1: _("the weakest role"),
    2: _("the second weakest role"),
    3: _("the third weakest role"),
    4: _("the fourth weakest role"),
}

# Why a mail that came in was taken for what it is. “%(found)s” is what it says itself.
SIGNS = {
    "auto_header": _("A program wrote it: it says so in its header %(found)s."),
    "auto_subject": _("Its subject begins as automatic answers do: “%(found)s”."),
    "list_header": _("It went to a mailing list: it has the header %(found)s."),
    "no_words": _("There are no words but those it quotes."),
    "own_words": _("A person's own words, and nothing in them that says otherwise."),
    "report": _("A mail server's report %(found)s."),
    "robot": _("Nobody reads the address it came from."),
    "says_away": _("It says “%(found)s”: the person is away."),
    "says_gone": _("It says “%(found)s”: the person is no longer there."),
    "says_receipt": _("It says “%(found)s”: a receipt."),
    "says_remove": _("It says “%(found)s”: no more mail."),
}

SYSTEM_MAILS = {
    "confirm": _("Confirming mail"),
    "farewell": _("Word before somebody is forgotten"),
    "doctor": _("Mail that checks itself"),
    "lead-digest": _("A consultant's week"),
    "lead-digest-none": _("A consultant's week"),
    "lead-grade": _("Alert: a lead became hot"),
    "lead-reply": _("Alert: a lead answered"),
    "lead-silent": _("Alert: the mail of a lead goes on"),
    "lead-step": _("Reminder of next steps"),
    "lead-untouched": _("Alert: leads that nobody has taken"),
    "rights-due": _("Reminder of requests of persons"),
    "stop": _("Link that stops all mail"),
}


def describe_reason(code: str) -> str:
    """The sentence for a reason; the code itself when it is new here."""
    return str(REASONS.get(code, code))


def describe_pause(*, at: datetime | None, reason: str, by: str) -> str:
    """When a campaign was paused, by whom or by what; empty for one that runs. Somebody's choice is
    told by their name, and the guard's by what it saw.
    """
    if at is None:
        return ""
    words = {"at": date_format(timezone.localtime(at), "j F Y H:i"), "name": by}
    if reason != BY_HAND:
        said = gettext("Paused by itself %(at)s.") % words
        return f"{said} {describe_reason(reason)}"
    if not by:
        return gettext("Paused by hand %(at)s.") % words
    return gettext("Paused by %(name)s %(at)s.") % words


def describe_sign(sign: Mapping[str, str]) -> str:
    """Why a reply was taken for what it is; the code itself when it is new here."""
    sentence = str(SIGNS.get(sign["code"], sign["code"]))
    return sentence.replace("%(found)s", sign["found"]).replace(" .", ".")


def describe_visit(reasons: Iterable[str]) -> list[str]:
    return [str(VISIT_REASONS.get(reason, reason)) for reason in reasons]


def describe_permit(reason: str) -> str:
    """Why no mail leaves; empty when it may."""
    return str(PERMITS[reason]) if reason else ""


def describe_reputation(standing: str) -> str:
    """What is wrong with how its mail is received; empty when nothing is."""
    return str(REPUTATIONS[standing])


def describe_invariant(sentence: str) -> str:
    return str(INVARIANTS.get(sentence, sentence))
