"""A wish to get no more mail, put together from its parts: what is to end, or is not wanted, or is
one's right, and that it is about us or about who writes. Sentence by sentence, so that what else
a mail says hides nothing. Matched against lower-case words with single spaces.
"""

import re

_ADDRESS = r"(?:e-?post|mejl|mail)?-?adress(?:en|er)?"
_ME = (
    rf"(?:mig|oss|me|us|min(?:a)? {_ADDRESS}|mitt (?:namn|konto)|min profil|mina"
    r" (?:person)?uppgifter|my name"
    r"|my (?:e-?mail )?(?:address|details|data|e-?mail|info|account|record)s?|(?:den här|denna"
    rf"|följande) {_ADDRESS}"
    rf"|(?:this|the following|our) (?:e-?mail )?address(?:es)?|våra? {_ADDRESS})(?!\w)"
)
_MAILS = (
    r"(?:(?:any|all|more|further|such|these|this|your|those|of|fler|flera|mer|mera|av|era|ert|er"
    r"|de|här|dessa|sådana|såna|detta|det|några|nya|kind|kinds|sort) ){0,5}(?:e-?mails?|mails?"
    r"|mailings?|messages?|tips|newsletters?|stuff|spam|crap|communications?|tipsen|mejl(?:en)?"
    r"|mailen"
    r"|e-?post|utskick(?:en)?|nyhetsbrev(?:et|en)?|reklam|skräp(?:post)?|sånt här|sånt)\b"
)
_SOON = r"(?:(?:gärna|genast|bara|nu|omedelbart|direkt|snarast|helt) )?"
# Nothing follows that would say what else it is about.
_END = (
    r"(?:\s*(?:[.,!?;:)(]|$)| (?:nu|tack|snälla|genast|längre|framöver|igen|mer|alls|för mig"
    r"|till (?:mig|oss|den här|denna|min)|please|now|thanks|thank|any|at all|again|anymore|for me"
    r"|to (?:me|us|this|my|our))\b)"
)
# Our mails, by name or by “this”.
_THIS = (
    r"(?:(?:any of |all of |alla |fler av |mer av |flera av |more of )?(?:these|this|det här|detta"
    rf"|de här|dessa){_END}|{_MAILS})"
)
_NOT = r"(?:inte|ej|aldrig)(?: längre)?"
_GET = r"(?:ta del av|ha|få|ta emot|motta|läsa|se|receive|get|have|see|read|hear)"
_ENDING = (
    r"(?:avsluta|avbryt|avbeställ|strunta i att|stoppa|stäng av|sluta(?: med| skicka)?|upphör(?:"
    r" med)?|end|stop"
    r"|cease|quit|cancel|discontinue)"
)
_PLEA = r"(?:please|pls|kindly|snälla|vänligen|var (?:vänlig|snäll)a? (?:och )?)"
_WAY_OUT = (
    r"(?:unsubscribe|opt-?out|unsubscription|avregistrerings?|avsluta|avregistrera|avprenumerera)"
)

# The one who writes, who need not be named: what the others want is another matter.
_I_SV = r"(?:^|\bjag |[,:] |\boch |\bmen |\bså |\btack )"
_I_EN = r"(?:^|\bi (?:really |just |simply )?|[,:] |\band |\bbut |\bso )"

_RULES = tuple(
    re.compile(each)
    for each in (
        # Take me away, with whatever words for it, and from whatever of ours.
        (
            r"(?<!inte )(?<!not )(?<!n't )\b(?:stryk|skippa|släpp|hoppa över|rensa(?: bort| ut)?"
            r"|avför|undanta|avregistrera|avprenumerera|avanmäl|radera|plocka bort|lyft bort"
            r"|ta bort"
            r"|tag bort|tar bort|remove|unsubscribe|exclude|delete|erase|strike|scratch|purge"
            rf"|opt) {_ME}"
        ),
        rf"\b(?:ta|tag|tar|plocka|lyft) {_SOON}bort {_SOON}{_ME}",
        rf"\b(?:ta|tag|tar|plocka|lyft|få) {_SOON}{_ME} {_SOON}(?:bort|ur|ut|av)\b",
        r"^glöm mig\b",
        rf"(?:^|[,:] ?|\b{_PLEA} ?)(?:please )?(?:unsubscribe|avregistrera|avprenumerera){_END}",
        rf"\b(?:take|leave|get|drop|keep) {_ME} (?:off|out of (?:this|these|it|your)|from your)\b",
        (
            r"\b(?:could|can|may|might) (?:i|we) (?:please |kindly )?be (?:removed|taken off"
            r"|deleted"
            r"|unsubscribed|left out|dropped|excluded)\b"
        ),
        (
            r"\b(?:ask|request|want|wish|like|prefer|need) (?:you )?to (?:be )?(?:removed?"
            r"|taken? (?:me )?"
            r"off|unsubscribed?|deleted? from|dropped from|opted? out)\b"
        ),
        (
            r"\b(?:kan|får|kunde|skulle|vill|önskar|ber att)(?: (?:jag|vi|man))?(?: (?:få|kunna"
            r"|gärna))*"
            r" (?:bli|att bli)? ?(?:borttagen|borttagna|avregistrerad|struken|raderad|avanmäld"
            r"|tas bort|strykas|raderas|avregistreras)\b"
        ),
        # Not wanted any more.
        (
            rf"{_I_SV}(?:vill|önskar|behöver|orkar|tänker|hinner)(?: jag)?(?: verkligen| absolut"
            rf"| faktiskt| helst)? {_NOT} (?:längre )?(?:{_GET} )?{_THIS}"
        ),
        (
            rf"\b(?:vill|önskar)(?: jag| vi)? {_NOT} att ni (?:kontaktar|mejlar|mailar|skickar"
            r"|hör av|skriver)"
        ),
        rf"\b(?:jag|helst|gärna)(?: \S+){{0,3}} slippa (?:att )?(?:få |ha )?{_THIS}",
        r"\b(?:låt|hjälp) mig (?:att )?slippa\b",
        (
            r"\bse till att (?:jag|vi) (?:inte|aldrig|slipper)(?: \S+){0,2} (?:får|fler|mer|få)"
            rf"(?: (?:fler|mer|{_MAILS}))?{_END}"
        ),
        (
            r"\b(?:avstår från|undanber mig|avsäger mig|avböjer|tackar nej till) (?:alla |all )?"
            rf"(?:vidare |fler |framtida |fortsatta |ytterligare )*(?:kontakt|{_MAILS})"
        ),
        (
            r"\b(?:do not|don't|don’t|no longer) (?:want|wish|need) (?:any )?(?:more |further )"
            r"(?:contact|communication)"
        ),
        (
            r"\bi(?:'d|’d| would)?(?: really)? (?:want|like|wish|prefer|love) to stop"
            rf" (?:receiving|getting) {_THIS}"
        ),
        r"\b(?:want|ask|asked|asking|tell|told|need|beg) you to (?:please )?stop\b",
        r"\b(?:do not|don't|don’t) use my (?:e-?mail|address|data)\b.*\b(?:marketing|mail)",
        (
            r"\banvänd inte min(?:a)? (?:adress|mejl\w*|e-?post\w*|uppgifter)\b.*\b(?:marknadsf"
            r"|utskick|mejl|tips)"
        ),
        r"\bhör (?:inte|aldrig) av (?:er|dig) (?:mer|igen|längre)\b",
        rf"\b(?:do not|don't|don’t|never) (?:ever )?(?:send|e-?mail|mail)(?: me| us)? {_THIS}",
        r"\brefrain from (?:contacting|e-?mailing|mailing|sending|writing)\b",
        (
            r"\b(?:make sure|ensure)(?: that)? (?:i|we) (?:(?:do not|don't|don’t|never)"
            rf" (?:get|receive)(?: any)? {_THIS}|(?:get|receive) no (?:more |further ){_MAILS})"
        ),
        (
            r"\b(?:appreciate it|grateful|happy|glad|nice|great) if you (?:could |would |can )?"
            rf"(?:stop(?:ped)?(?: sending)?(?: me| us)? {_THIS}|unsubscribed? (?:me|us)\b)"
        ),
        (
            r"\bhow (?:do|can|could) i (?:get|be) (?:removed|off this|off your|out of this"
            r"|unsubscribed)\b"
        ),
        r"\b(?:do not|don't|don’t) want you to (?:contact|e-?mail|mail|write to|send)\b",
        (
            rf"{_I_EN}(?:do not|don't|don’t|no longer) (?:want|wish|need|care)(?: to| for)?"
            rf"(?: {_GET})?(?: about)? {_THIS}"
        ),
        rf"\b(?:sänd|skicka|mejla|maila|skriv)(?: (?:mig|oss))? (?:inget|ingenting)(?: mer)?{_END}",
        rf"\b(?:sänd|skicka|mejla|maila)(?: (?:mig|oss))? (?:inte|aldrig) (?:mig )?{_THIS}",
        rf"\bsend (?:me |us )?(?:nothing|no)(?: more| further)(?: {_MAILS}|{_END})",
        # An end to this.
        (
            rf"(?:^|[,:] ?|\b{_PLEA} ?|\boch |\band ){_ENDING} (?:sending |skicka )?(?:me "
            rf"|mig )?(?:{_THIS}|to {_ME}|till {_ME})"
        ),
        rf"\b{_PLEA} ?{_ENDING} (?:sending |skicka )?(?:me |mig )?(?:them|dem){_END}",
        rf"^(?:{_PLEA} ?)?sluta skicka {_THIS}",
        (
            r"\b(?:tacksam|glad|bra|snälla?|önskar|uppskattar|vore fint|hoppas)(?: (?:om|att)) ni"
            r"(?: kan| kunde| vill)? (?:avslutar?|slutar?(?: skicka| mejla)?|upphöra?|stoppar?)"
            rf"(?: {_THIS}|{_END})"
        ),
        rf"\b(?:inget|ingenting|inga|no) (?:mer|fler|mera|more) (?:av|of) {_THIS}",
        (
            r"\b(?:är|am|i'm|i’m|are|we're) (?:inte|ej|inte längre|no longer|not) (?:längre )?"
            rf"(?:intresserade?|interested)(?: längre| any ?more)?{_END}"
        ),
        (
            r"\bhur (?:avanmäler|avregistrerar|avprenumererar|avbeställer) (?:jag|man)(?:"
            rf" [ms]ig)?{_END}"
        ),
        # Off the list, without a verb that says so.
        (
            r"\b(?:bort|ur|ut|av|off|out)(?: från| ur| of)? (?:er |den här |this |the |your "
            r"|eran )?"
            rf"(?:\w+ )?(?:\w*listan?|lists?|registret|register|utskick(?:en)?){_END}"
        ),
        (
            r"\bavförd\b|\b(?:försvinner?|försvinna|komma bort) (?:ur|från) (?:er|registret"
            r"|listan|era)\b"
        ),
        rf"^(?:(?:inte|ej)(?: längre)?|no longer|not) (?:intresserad|interested){_END}",
        # How to, or: the way out does not work.
        (
            r"\b(?:hur|var) (?:gör|kan|ska|bär) (?:jag|man (?=.*\b(?:era|de här"
            r"|dessa)\b))(?: ?\S+){0,4} (?:inte få|slippa|bli av"
            rf" med|komma (?:bort|av) från|stoppa|få stopp på) {_THIS}"
        ),
        rf"\bhow (?:do|can|could) i (?:stop|avoid|end|block)(?: getting| receiving)? {_THIS}",
        (
            rf"\b{_WAY_OUT}[\w-]*(?: \w+)? ?(?:button|link|knapp\w*|länk\w*|page|sidan?"
            r"|funktion\w*)\b"
            r"(?: \S+){0,6} (?:doesn't|doesn’t|does not|not|broken|error|fails|inte|ej|trasig"
            r"|fel\w*)"
        ),
        # By right.
        (
            r"\b(?:begär|kräver|yrkar|ber|request|demand|require)\b(?: \S+){0,4} (?:raderade?"
            r"|radering"
            r"|raderas|borttagen|borttagning|erasure|deletion|deleted|removal)\b"
        ),
        (
            r"\b(?:artik(?:el|eln)|article|art\.?) (?:17|21)\b.*\b(?:radera\w*|ta(?:r)? bort|delete"
            r"|erase|remove|erasure|invänd\w*|object\w*)\b"
        ),
        (
            r"\b(?:radera\w*|tar? bort|delete|erase|remove)\b(?: \S+){0,8} (?:om (?:mig|oss)|about"
            r" (?:me|us)|on me)\b"
        ),
    )
)
# A word that is a sentence of its own.
_ALONE = re.compile(
    rf"^(?:{_PLEA} ?)?(?:unsubscribe|remove|opt-?out|avregistrera|avprenumerera|avanmäl|avbeställ"
    r"|avslutar?|avregistrerar|avanmäler|avbeställer|ta bort)(?: (?:me|mig|oss|us|nu|now|tack"
    r"|thanks|please|omgående))*\W*$"
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# In a longer one it is usually about something else.
LONGEST = 22


def find(words: str) -> str:
    """The part that says it; empty when nothing does."""
    for sentence in _SENTENCE.split(words):
        if len(sentence.split()) > LONGEST:
            continue
        for rule in (*_RULES, _ALONE):
            if found := rule.search(sentence):
                return found[0]
    return ""
