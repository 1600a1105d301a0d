"""A wish to get no more mail, put together from its parts: what is to end, or is not wanted, or is
one's right, and that it is about our mail or about who writes. Sentence by sentence, so that what
else a mail says hides nothing. Matched against lower-case words with single spaces.
"""

import re

# Small words that stand between a verb and what it is about.
_SOON = (
    r"(?:(?:gärna|genast|bara|nu|omedelbart|direkt|snarast|helt|tack|snälla|please|kindly|just"
    r"|immediately) ){0,2}"
)
_BOX = r"(?:e-?post|mejl|mail)"
_ME = (
    rf"(?:mig|oss|me|us|(?:min|vår|den här|denna|följande) {_BOX}?-?(?:adress(?:en)?)?(?<! )"
    rf"|(?:mina|våra) {_BOX}?-?(?:adresser|(?:person)?uppgifter|data)|mitt (?:namn|konto)"
    r"|min profil"
    r"|(?:my|our) (?:name|name and address|(?:e-?mail )?address(?:es)?|e-?mails?|(?:personal )?data"
    r"|(?:personal |contact )?(?:details|info|information)|accounts?|records?|registration)"
    r"|mina kontaktuppgifter|this e-?mail"
    r"|(?:this|the following) (?:e-?mail )?(?:address|mailbox|inbox))(?!\w)"
)
_MAILS = (
    r"(?:(?:any|all|more|further|such|these|this|your|those|of|fler|flera|mer|mera|av|era|ert|er"
    r"|massa|onödiga|oönskade|marketing|promotional|commercial|unwanted|unsolicited"
    r"|de|här|dessa|sådana|såna|detta|det|några|nya|kind|kinds|sort) ){0,5}(?:e-?mails?|mails?"
    r"|mailings?|messages?|tips(?:en)?|newsletters?|stuff|spam|crap|communications?|mejl(?:en)?"
    r"|mailen|e-?post|utskick(?:en)?|nyhetsbrev(?:et|en)?|reklam|skräp(?:post)?|sånt här|sånt)\b"
    r"(?! (?:om|about|som|that|which|mellan|between|inom|internt|internally)\b)"
)
# Nothing follows that would say what else it is about.
_END = (
    r"(?:\s*(?:[.,!?;:)(]|$)| (?:nu|tack|snälla|genast|längre|framöver|igen|mer|alls|här|för mig"
    r"|åt mig|till (?:mig|oss|den här|denna|min)|please|now|thanks|thank|any|at all|again|anymore"
    r"|immediately|for me|to (?:me|us|this|my|our))\b)"
)
# Our mails, by name or by “this”.
_MORE = r"(?:any of |all of |alla |fler av |mer av |flera av |(?:any )?more of )"
_THIS = (
    rf"(?:(?:{_MORE}?(?:these|this|det här|detta|de här|dessa)|{_MORE}(?:it|them|det|dem)){_END}"
    rf"|{_MAILS})"
)
_LIST = (
    rf"(?:er |era |ert |den här |denna |this |the |your |eran )?(?:\w+ )?(?:{_BOX}|sänd|utskicks)?"
    r"-?(?:lista?|listan|listor(?:na)?|lists?|register|registret|databas(?:en)?|database|files"
    rf"|mailings?|records|utskick(?:en)?){_END}"
)
_NOT = r"(?:inte|ej|aldrig)(?: längre)?"
_DONT = r"(?:do not|don't|dont|don’t|never)"
_GET = r"(?:ta del av|ha|få|ta emot|motta|läsa|se|receive|get|have|see|read|hear)"
_TAKE = (
    r"(?:stryka?|skippa|släppa?|hoppa över|rensa(?: bort| ut)?|avföra?|undanta|avregistrera"
    r"|avprenumerera|avanmäla?|radera|(?:plocka|lyft|ta|tag|tar) (?:gärna |genast |nu )?bort"
    r"|remove|unsubscribe"
    r"|exclude|delete|erase|strike|scratch|purge|opt)"
)
_TAKEN = (
    r"(?:borttagen|borttagna|avregistrerad|struken|raderad|avanmäld|avförd|tas bort|strykas|raderas"
    r"|avregistreras|removed|taken off|deleted|unsubscribed|left out|dropped|excluded)"
)
_END_IT = (
    r"(?:avsluta|avbryt|avbeställ|stoppa|stäng av|strunta i att|sluta|upphör|end|stop|cease"
    rf"|quit|cancel|discontinue) {_SOON}(?:med (?:att )?|att )?"
    r"(?:(?:skicka|sending|mejla|mailing) )?"
    rf"{_SOON}(?:(?:me|us|mig|oss) )?"
)
_PLEA = r"(?:please|var god|pls|kindly|snälla|vänligen|var (?:vänlig|snäll)a? (?:och )?)"
_WAY_OUT = (
    r"(?:unsubscribe|opt-?out|unsubscription|avregistrerings?|avsluta|avregistrera|avprenumerera)"
)
# The one who writes, who need not be named: what others want is another matter.
_I_SV = r"(?:^|\bjag |[,:] |\boch |\bmen |\bså |\btack )"
_I_EN = r"(?:^|\bi (?:really |just |simply )?|[,:] |\band |\bbut |\bso )"

# A plea to us. Not one when somebody else is to do it, or it is only told.
_PLEAS = (
    rf"(?<!inte )(?<!not )(?<!n't )\b{_TAKE} {_SOON}{_ME}",
    rf"\b(?:ta|tag|tar|plocka|lyft|få) {_SOON}{_ME} {_SOON}(?:bort|ur|ut|av)\b",
    (
        rf"\b(?:take|leave|get|drop|keep) {_SOON}{_ME} (?:off|out of (?:this|these|it|your)"
        r"|from your)\b"
    ),
    rf"\b{_END_IT}(?:{_THIS}|(?:to|till) (?:{_ME}|\S*@))",
    (
        rf"\b{_DONT} (?:ever )?(?:send|e-?mail|mail)(?: me| us)? any(?:thing)?"
        rf" (?:else|more|further){_END}"
    ),
    r"^(?:please )?forget me\b|\b(?:blacklist|block) me\b|\b(?:spärra|blockera) (?:mig|min)\b",
    rf"\b(?:add|put) {_ME} (?:to|on) (?:your |the )?(?:do[- ]not[- ]\w+|suppression|block)",
    rf"\b(?:bespara|skona|spare) (?:mig|oss|me|us) (?:från )?{_THIS}",
    rf"(?:^|[,:] ?|\b{_PLEA} )(?:please )?(?:cancel|discontinue|avbeställ|avsluta){_END}",
    rf"\b{_PLEA} {_END_IT}(?:them|dem){_END}",
    rf"(?:^|[,:] ?|\b{_PLEA} )(?:please )?(?:unsubscribe|avregistrera|avprenumerera){_END}",
    rf"\b(?:sänd|skicka|mejla|maila|skriv)(?: (?:mig|oss))? (?:inget|ingenting)(?: mer)?{_END}",
    rf"\b(?:sänd|skicka|mejla|maila)(?: (?:mig|oss))? (?:inte|aldrig) (?:mig )?{_THIS}",
    rf"\bsend (?:me |us )?(?:nothing|no)(?: more| further)(?: {_MAILS}|{_END})",
    rf"\b{_DONT} (?:ever )?(?:send|e-?mail|mail)(?: me| us)? {_THIS}",
    rf"\b(?:ta|tag|stryk|take|let|get) {_SOON}{_ME} (?:bort )?(?:från|ur|from|off) {_LIST}",
    rf"\b(?:avsluta|säga? upp|avbryta?) (?:min |den här )?prenumeration(?:en)?{_END}",
)
# What the person wants, or does not, or is entitled to.
_WANTS = (
    rf"\b(?:could|can|may|might) (?:i|we) (?:please |kindly )?be {_TAKEN}\b",
    rf"\b(?:ask|request|want|wish|like|prefer|need) to be {_TAKEN}\b",
    rf"\b(?:ask|want|need|like|beg|asked|asking) (?:that )?you to {_SOON}(?:stop\b|{_TAKE} {_ME})",
    (
        r"(?:\b(?:kan|får|kunde|skulle) (?:jag|vi)|\b(?:vill|önskar|ber att)(?: jag| vi)?)"
        rf"(?: (?:få|kunna|gärna))*(?: att)? ?(?:bli )?{_TAKEN}\b"
    ),
    (
        rf"{_I_SV}(?:vill|önskar|behöver|orkar|tänker|hinner)(?: jag)?(?: verkligen| absolut"
        rf"| faktiskt| helst| därför| nog| ändå)? {_NOT} (?:längre )?(?:{_GET} )?{_THIS}"
    ),
    (
        rf"\b(?:vill|önskar)(?: jag| vi)? {_NOT} att ni (?:kontaktar|mejlar|mailar|skickar|hör av"
        r"|skriver)"
    ),
    rf"\b(?:jag|helst|gärna)(?: \S+){{0,3}} slippa (?:att )?(?:få |ha )?{_THIS}",
    (
        rf"{_I_SV}(?:vill|ska|önskar|behöver)(?: jag)? {_NOT} (?:stå|vara|finnas|ligga)"
        rf"(?: med| kvar)? (?:på|i) {_LIST}"
    ),
    rf"{_I_EN}(?:{_DONT}|no longer) (?:want|wish|need) to be (?:on|in|part of) {_LIST}",
    rf"{_I_SV}(?:vill|önskar|tänker)(?: jag)? {_NOT} (?:prenumerera|vara prenumerant)\b",
    rf"{_I_EN}(?:{_DONT}|no longer) (?:want|wish) to subscribe\b",
    (
        r"\b(?:my|this) (?:name|e-?mail|(?:e-?mail )?address|details|data)(?: \S+){0,3}"
        rf" (?:removed|deleted|erased|taken off)(?:{_END}| from (?:your|this)\b)"
    ),
    (
        r"\b(?:min|denna|den här) (?:\w*-?adress(?:en)?|mejl)(?: \S+){0,3} (?:tas bort|raderas"
        rf"|strykas)(?:{_END}| (?:från|ur) (?:er|era|ert|listan)\b)"
    ),
    rf"\b(?:count|leave) me out{_END}|^(?:jag )?(?:drar mig ur|lämnar listan|går ur){_END}",
    rf"\bnej till {_MAILS}|^no (?:more )?{_MAILS}(?: please| thanks)?\W*$",
    rf"\bgår det att (?:slippa {_THIS}|(?:avregistrera sig|avprenumerera|komma ur|avsluta){_END})",
    r"\bhow to (?:unsubscribe|opt out|get off (?:this|your))",
    r"\b(?:where|how) (?:do|can|could) i (?:unsubscribe|opt out|cancel (?:this|my))(?! my team)",
    r"\b(?:låt|hjälp) mig (?:att )?slippa\b",
    (
        r"\bse till att (?:jag|vi) (?:inte|aldrig|slipper)(?: \S+){0,2} (?:får|fler|mer|få)"
        rf"(?: (?:fler|mer|{_MAILS}))?{_END}"
    ),
    (
        r"\b(?:avstår från|undanber mig|avsäger mig|avböjer|tackar nej till) (?:alla |all )?"
        rf"(?:vidare |fler |framtida |fortsatta? |ytterligare )*(?:kontakt|{_MAILS})"
    ),
    r"\bhör (?:inte|aldrig) av (?:er|dig) (?:mer|igen|längre)\b",
    (
        rf"{_I_EN}(?:{_DONT}|no longer) (?:want|wish|need|care)(?: to| for)?(?: {_GET})?"
        rf"(?: about)? {_THIS}"
    ),
    (
        rf"{_I_EN}(?:{_DONT}|no longer) (?:want|wish|need) (?:any )?(?:more |further )"
        r"(?:contact|communication)"
    ),
    rf"\b{_DONT} want you to (?:contact|e-?mail|mail|write to|send)\b",
    (
        rf"\bi(?:'d|’d| would)?(?: really)? (?:want|like|wish|prefer|love) to stop (?:receiving"
        rf"|getting) {_THIS}"
    ),
    rf"\b{_DONT} use my (?:e-?mail|address|data)\b.*\b(?:marketing|mail)",
    r"\banvänd inte mina? (?:adress|mejl\w*|e-?post\w*|uppgifter)\b.*\b(?:marknadsf|utskick|mejl)",
    r"\brefrain from (?:contacting|e-?mailing|mailing|sending|writing)\b",
    (
        rf"\b(?:make sure|ensure)(?: that)? (?:i|we) (?:{_DONT} (?:get|receive)(?: any)? {_THIS}"
        rf"|(?:get|receive) no (?:more |further ){_MAILS})"
    ),
    (
        r"\b(?:appreciate it|grateful|happy|glad|nice|great) if you (?:could |would |can )?"
        rf"(?:stop(?:ped)?(?: sending)?(?: me| us)? {_THIS}|unsubscribed? (?:me|us)\b)"
    ),
    (
        r"\b(?:tacksam|glad|bra|snälla?|önskar|uppskattar|vore fint|hoppas)(?: (?:om|att)) ni"
        r"(?: kan| kunde| vill)? (?:avslutar?|slutar?(?: skicka| mejla)?|upphöra?|stoppar?)"
        rf"(?: {_THIS}|{_END})"
    ),
    r"^glöm mig\b",
    rf"\b(?:inget|ingenting|inga|no) (?:mer|fler|mera|more) (?:av|of) {_THIS}",
    (
        r"^(?:.*\b(?:jag är|vi är|i am|i'm|i’m|we are|we're) )?(?:inte|ej"
        r"|no longer|not) (?:längre )?(?:intresserade?|interested)(?: längre| any ?more)?"
        rf"{_END}(?!.*\b(?:men|but)\b)"
    ),
    (
        r"\bjag (?:avslutar|slutar|hoppar av|avregistrerar mig|tackar för mig|går ur)"
        rf"(?: här| nu){_END}"
    ),
    # Off the list, with or without a verb that says so.
    rf"^(?:{_PLEA} ?)?(?:bort|ur|ut|av|off|out)(?: från| ur| of)? {_LIST}",
    (
        r"\b(?:jag|vi|i|we|to|att) (?:\S+ )?(?:försvinner|försvinna|kommer bort|komma bort|get|be)"
        rf" (?:ur|från|off) {_LIST}"
    ),
    # How to; or the way out does not work.
    (
        r"\b(?:hur|var) (?:gör|kan|ska|bär) (?:jag|man (?=.*\b(?:era|de här|dessa)\b))"
        rf"(?: ?\S+){{0,4}} (?:inte få|slippa|bli av med|komma (?:bort|av) från|stoppa"
        rf"|få stopp på) {_THIS}"
    ),
    rf"\bhur (?:avanmäler|avregistrerar|avprenumererar|avbeställer) (?:jag|man)(?: [ms]ig)?{_END}",
    rf"\bhow (?:do|can|could) i (?:stop|avoid|end|block)(?: getting| receiving)? {_THIS}",
    rf"\bhow (?:do|can|could) i (?:get|be) (?:{_TAKEN}|off this|off your|out of this)\b",
    (
        rf"\b{_WAY_OUT}[\w-]*(?: \w+)? ?(?:button|link|knapp\w*|länk\w*|page|sidan?"
        r"|funktion\w*)\b"
        r"(?: \S+){0,6} (?:doesn't|doesn’t|does not|not|broken|error|fails|inte|ej|trasig|fel\w*)"
    ),
    (
        rf"\b(?:button|link|knappen|länken|sidan|page)(?: \S+){{0,4}} {_WAY_OUT}\b(?: \S+){{0,4}}"
        r" (?:doesn't|doesn’t|does not|not|broken|error|fails|inte|ej|trasig|fel\w*)"
    ),
    rf"\b(?:i|we)(?:'d|’d| would) (?:rather|prefer) not (?:to )?{_GET} {_THIS}",
    rf"^(?:{_PLEA},? ?)?(?:no more|inget mer|inga fler)(?: please| tack)?\W*$",
    # By right.
    (
        r"\b(?:begär|kräver|yrkar|ber|request|demand|require|ask)\b(?: \S+){0,4} (?:raderade?"
        r"|radering|raderas|borttagen|borttagning|erasure|deletion|deleted|removal)"
        rf"(?:{_END}| (?:av (?:mina?|mig|all)|of (?:my|all)|enligt|under|from your|från er)\b)"
    ),
    (
        r"\b(?:artik(?:el|eln)|article|art\.?) (?:17|21)\b.*\b(?:radera\w*|tar? bort|delete"
        r"|erase|remove|erasure|invänd\w*|object\w*)\b"
    ),
    (
        r"\b(?:radera\w*|tar? bort|delete|erase|remove)\b(?: \S+){0,8}"
        r" (?:(?:om|som rör|kring|gällande)"
        r" (?:mig|oss)|(?:about|concerning|regarding) (?:me|us)|on me)\b"
    ),
)
_PLEA_RULES = tuple(re.compile(each) for each in _PLEAS)
_WANT_RULES = tuple(re.compile(each) for each in _WANTS)
# A word that is a sentence of its own.
_ALONE = re.compile(
    rf"^(?:{_PLEA} ?)?(?:unsubscribe|remove|opt-?out|stop|avregistrera|avprenumerera|avanmäl"
    r"|avbeställ|avslutar?|avregistrerar|avanmäler|avbeställer|upphör|sluta|ta bort)"
    r"(?: (?:me|mig|oss|us|nu|now|tack|thanks|please|omgående|omedelbart|genast|immediately))*\W*$"
)
# Before a plea: whoever is to do it, when it is not us.
_OTHERS_DO = re.compile(
    r"(?:\b(?:vi|we|de|they|han|hon|he|she|man|ledningen|styrelsen|chefen|board|i|jag)\b"
    r"(?: \S+){0,3}|\batt|\bto|\bsay|\bsa|\bsaid) ?$"
)
_WE_ARE_ASKED = re.compile(r"\b(?:you to|er att|dig att|ni|du|you)(?: \S+){0,2} ?$")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# In a longer one it is usually about something else.
LONGEST = 22


# After a sentence about an address, “it” is that.
_AN_ADDRESS = re.compile(r"\b(?:\w*adress\w*|mina uppgifter|e-?mail|address|my (?:details|data))\b")
_IT = re.compile(rf"\b(?:radera|ta bort|stryk|delete|remove|erase) (?:den|dem|it|them){_END}")


def find(words: str) -> str:
    """The part that says it; empty when nothing does."""
    if (it := _IT.search(words)) and _AN_ADDRESS.search(words[: it.start()]):
        return it[0]
    for sentence in _SENTENCE.split(words):
        if len(sentence.split()) > LONGEST:
            continue
        for rule in (*_WANT_RULES, _ALONE):
            if found := rule.search(sentence):
                return found[0]
        for rule in _PLEA_RULES:
            for found in rule.finditer(sentence):
                if _is_to_us(sentence[: found.start()]):
                    return found[0]
    return ""


def _is_to_us(before: str) -> bool:
    """Whether what comes next is asked of us, and not told of somebody."""
    clause = re.split(r"[,:] | (?:so|så|but|men) ", before)[-1]
    return bool(_WE_ARE_ASKED.search(clause)) or not _OTHERS_DO.search(clause)
