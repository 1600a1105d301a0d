"""How people say that they want no more mail, and what makes the same words mean something else.

Two grades: what can mean nothing else wherever it stands, and what means it only when little else
is said. Matched against lower-case words with single spaces.
"""

import re

_LISTS = (
    r"(?:er|era|ert|den här|denna|din|dina|ditt|eran|erat|alla|de här|dessa|the|your|this|all"
    r"|any|all of your|these|that)?\s?(?:e-?)?"
    r"(?:e-?post|mejl|mail|mailing|email|e-mail|sänd|utskicks|adress|distribution|distributions)?"
    r"[ -]?(?:lista|listan|listor|listorna|list|lists|utskick|utskicken|register|registret|databas"
    r"|databasen|database|nyhetsbrev|nyhetsbrevet|newsletter|mailings?|mejlen|mejl|mailen"
    r"|e-?mails?|campaigns?|kampanj|kampanjen|mejlserie|mejlserien|serien|system|systemet|tips"
    r"|tipsen|crm)"
)
_ME = r"(?:mig|me|oss|us|min (?:e-?post|mejl|mail|e-?post)?-?adress(?:en)?|mina uppgifter|mitt namn"
_ME += r"|my (?:e-?mail )?(?:address|name|details|e-?mail)|den här (?:e-?post)?adressen"
_ME += r"|denna (?:(?:e-?post|mejl|mail)-?)?adress|this (?:e-?mail )?address)"
_OFF = r"(?:ta|tar|tag|tagit|plocka|stryk|radera|avregistrera|avprenumerera|rensa|avföra|få)"

# Mail of the kind that we send.
_MAILS = (
    r"(?:(?:any|all|more|further|such|these|this|your|those|of|fler|flera|mer|mera|era|ert|er|de"
    r"|här|dessa|sådana|såna|detta|det|några|nya|kind|kinds|sort) ){0,4}(?:e-?mails?|mails?"
    r"|mailings?|messages?|tips|newsletters?|stuff|spam|mejl(?:en)?|mailen|e-?post|utskick(?:en)?"
    r"|nyhetsbrev(?:et|en)?|reklam|skräp)\b"
)
_DONT = r"(?:do not|don't|dont|don’t|never)"

# What follows ends the clause: nothing more is said of what it is about.
_END = r"(?:\s*(?:[.,!?;:)]|$)| (?:nu|tack|snälla|genast|längre|framöver|please|now|thanks|any)\b)"
# Our mails as “this”, or by name.
_THIS = (
    rf"(?:(?:any of |all of |alla )?(?:these|this|it|det här|detta|de här|dessa){_END}|{_MAILS})"
)
_STOPS = r"(?:sluta|upphöra?|låta? bli|stop|quit|cease)"
# Lists of people, as somebody who is on one calls them.
_A_LIST = (
    r"(?:er|era|ert|eran|den här|denna|din|your|this)(?: \S+)? ?(?:sänd|mejl|mail|e-?post|adress)?"
    r"-?(?:listan?|lists?|register|registret|databas|database|utskick|newsletters?)\b"
    r"(?! (?:över|of)\b)"
)

STRONG = tuple(
    re.compile(each)
    for each in (
        # By the law: a consent taken back, an objection, whatever else is said.
        (
            r"\b(?:återkallar?|drar?(?: härmed)? (?:tillbaka|in)|tar?(?: härmed)? tillbaka|withdraw"
            r"|revoke)(?: härmed| hereby)? (?:mitt|vårt|my|our|any|all) (?:\S+ )?"
            r"(?:samtycke|consent|medgivande|permission)\b"
        ),
        (
            r"\b(?:invänder|motsätter (?:jag )?mig|protesterar|object)\b(?: \S+){0,8}"
            r" (?:direktmarknadsföring|direct marketing|marknadsföring|marketing|personuppgifter"
            r"|personal data|mina uppgifter|my data)\b"
        ),
        # Enough of them, no need of them, rather without them.
        rf"\b(?:räcker|räckte)(?: det)?(?: nu)? med {_MAILS}",
        rf"\benough (?:of )?{_MAILS}",
        (
            r"\bbehöver (?:inte|ej) (?:längre )?(?:skicka|mejla|maila|kontakta|höra av er till)\b"
            rf"(?: till)?(?: (?:mig|oss))?(?: (?:mera?|fler|längre|{_MAILS})\b|{_END})"
        ),
        (
            r"\bno need to (?:send|e-?mail|mail|write to|contact)(?: me| us)?"
            rf"(?: (?:any ?more|again|any longer|{_MAILS})|{_END})"
        ),
        (
            r"\b(?:rather|prefer) not (?:to )?(?:receive|get|be sent|have|hear from you)"
            rf"(?: {_THIS}|{_END})"
        ),
        rf"\b(?:helst|gärna|önskar|ber att få|skulle vilja) slippa (?:få )?{_THIS}",
        # A plea to stop, with what.
        (
            rf"\b(?:kan|kunde|vill|skulle|can|could|would|will) (?:ni|du|you)(?: \S+){{0,2}}"
            rf" {_STOPS} (?:med |skicka |att skicka |sending )?(?:me |us |mig )?{_THIS}"
        ),
        rf"\byou (?:can|may) (?:now )?stop (?:sending )?(?:me |us )?{_THIS}",
        rf"\b(?<!we )(?<!to )stop sending (?:these|this|them|it){_END}",
        rf"\bcancel (?:this|it) for me{_END}",
        # Off a list, whoever or whatever of ours is on it.
        rf"\b(?:get|come|komma|slippa|gå) (?:off|bort från|av från|ur|ut ur) {_A_LIST}",
        rf"\b(?:ta|tag|plocka|radera|stryk) bort(?: \S+){{1,6}} (?:från|ur|i) {_A_LIST}",
        rf"\b(?:remove|take|delete|drop|strike)(?: \S+){{1,6}} (?:off|from) {_A_LIST}",
        rf"\b(?:avbeställer|avanmäler|avregistrerar) (?:jag )?(?:härmed|mig|oss){_END}",
        r"\b(?:ta|tag|plocka|radera|stryk) bort min (?:e-?post|mejl|mail)-?adress\b",
        # Who has left before and is still written to.
        (
            r"\b(?:i(?:'ve|’ve| have)?(?: already)? unsubscribed|jag har (?:redan )?"
            r"(?:avregistrerat|avanmält|avprenumererat) mig)\b.*\b(?:still|keep|keeps|kept"
            r"|fortsätter|fortfarande|ändå|trots)\b(?: \S+){0,3} (?:get|getting|receiv\w+"
            r"|com\w+|komm?a?|kommer|får|få)\b"
        ),
        (
            r"\b(?:still|keep|kept|fortsätter|fortfarande)\b(?: \S+){0,3} (?:get|getting|receiv\w+"
            r"|komma|kommer|får|få)\b.*\b(?:i(?:'ve|’ve| have)?(?: already)? unsubscribed|jag har"
            r" (?:redan )?(?:avregistrerat|avanmält|avprenumererat) mig)\b"
        ),
        (
            rf"\b{_OFF} (?:gärna |genast |nu |bara )?(?:bort|ut|ur|väck)? ?{_ME}(?: omedelbart"
            rf"| genast| nu| direkt)?"
            rf"(?: bort)?(?: (?:från|ur|i|ut ur|ifrån|av) )(?:\S+ ){{0,3}}?{_LISTS}\b"
        ),
        rf"\b(?:avregistrera|avprenumerera) {_ME}\b",
        rf"\bstryk {_ME}\b",
        (
            rf"\b(?:please )?(?:remove|take|delete|drop|unsubscribe|get|strike) {_ME}"
            rf" (?:off|from|of|out of) (?:\S+ ){{0,3}}?{_LISTS}\b"
        ),
        rf"\bunsubscribe {_ME}\b",
        (
            r"\b(?:vill|önskar) (?:jag |vi )?(?:verkligen |absolut )?(?:inte|ej) (?:längre )?(?:ha"
            r"|få|motta"
            r"|ta emot)"
            r" (?:några |något )?(?:fler|mer|flera|mera)?\s?(?:av )?(?:era|ert|er|dina|de här"
            r"|sådana)?"
            r"\s?(?:såna |sådana |här )?(?:mejl|mail|e-?post|e-mail|utskick|tips|nyhetsbrev|reklam"
            r"|spam|skräp)"
        ),
        (
            r"\b(?:vill|önskar) (?:jag |vi )?(?:inte|ej) (?:längre )?(?:bli kontaktad|vara kvar"
            r"|få det här|ha det här|få"
            r" detta|stå kvar|vara med(?! i\b| på\b| och\b))\b"
        ),
        (
            r"(?<!ska )(?<!vi )(?<!kan )\b(?:sluta|upphör|låt bli)(?: genast| omedelbart| nu)?"
            r"(?: med)?(?: att)? (?:mejla|maila|spamma|kontakta|höra av)\b"
        ),
        (
            r"(?<!ska )(?<!vi )\b(?:sluta|upphör|låt bli)(?: genast| omedelbart| nu)?(?: med)?"
            rf"(?: att)? skicka(?: ut)?(?: {_MAILS}| mig\b| oss\b| till (?:mig|oss|den|min)"
            r"| (?:det här|detta|sånt här|dem)\s*(?:[.!,]|$)"
            r"|\s*[.!]|$)"
        ),
        (
            rf"\bskicka (?:mig )?(?:inte|inga|aldrig|ej) (?:mig )?(?:fler|mer|flera|mera)"
            rf"(?: {_MAILS}"
            r"|\s*[.!]|$| till mig)"
        ),
        rf"\binga (?:fler|flera|mera?) {_MAILS}",
        r"\b(?:jag )?avböjer (?:vidare|fortsatta|fler|ytterligare) (?:utskick|mejl|kontakt|mail)",
        (
            r"\b(?:vill|önskar) (?:bli borttagen|avregistrera mig|avprenumerera|avsluta (?:min )?"
            r"prenumeration|avanmäla mig|bli avregistrerad|gå ur|tas bort|hoppa av)\b"
        ),
        r"\b(?:få|vill|önskar|ber om att) (?:gärna )?bli (?:borttagen|avregistrerad|struken)\b",
        (
            r"\b(?:undanber mig|avsäger mig|tackar nej till) (?:alla |all )?(?:vidare|fler"
            r"|framtida|fortsatta?|ytterligare|era) "
        ),
        rf"\b(?:behöver|önskar|orkar) (?:inte|inga) (?:längre )?(?:ha |få |med )?{_MAILS}",
        rf"\binte (?:längre )?intresserade? av (?:att (?:få|ha|ta emot) )?{_MAILS}",
        r"\b(?:bli glömd|right to be forgotten)\b",
        (
            r"(?<!ska )(?<!vi )\b(?:avsluta|avbryta?|säga? upp|stoppa|stänga? av)"
            r" (?:min |mina |era )?(?:prenumeration|utskick|mejlserie|tipsen)"
        ),
        r"\bhur (?:blir|kommer) (?:jag|man) av (?:med|från)\b",
        r"\bavanmäl(?:er)? (?:mig|härmed)\b",
        r"\b(?:radera|ta bort) (?:alla )?(?:mina|min) (?:person)?uppgifter\b",
        (
            r"(?<!to )(?<!we )(?<!they )(?<!will )\bstop (?:emailing|e-mailing|mailing"
            rf"|spamming|contacting|these e-?mails|sending (?:me|us|{_MAILS}))\b"
        ),
        (
            rf"\b{_DONT} (?:ever )?(?:contact|e-?mail|mail|spam|write to) (?:me|us)"
            r"(?: again| any ?more| any longer| ever again)?\s*(?:[.!,;]|$)"
        ),
        (
            rf"\b{_DONT} (?:ever )?(?:send|contact|e-?mail|mail|write)(?: to)?(?: me| us)?"
            rf" (?:again|any ?more\b(?! \w)|any longer|{_MAILS})"
        ),
        (
            rf"\b(?:no longer|do not|don't|don’t|not) (?:want|wish|care|interested)(?: to| in)?"
            rf" (?:(?:receive|receiving|get|getting|have|see|hear) )?(?:{_MAILS}|from you)"
        ),
        r"\b(?:no longer|do not|don't|don’t) (?:want|wish) to be (?:on|contacted|included)\b",
        r"\b(?:delete|erase|remove) (?:all )?my (?:personal )?(?:data|information|details)\b",
        r"\bcease (?:all |any )?(?:further )?(?:communication|contact|mailing|e-?mail)",
        r"\bno more (?:e-?mails?|mails?|messages|tips|newsletters)\b",
        (
            r"\b(?:want|wish|would like|like) to (?:unsubscribe|be removed|be taken off|opt out"
            r"|opt-out"
            r"|cancel my subscription)\b"
        ),
        r"\b(?:cancel|end|stop) my subscription\b",
        r"\bopt(?: me)? out\b",
        r"\btake (?:me|my name|my address) off\b",
        (
            r"\b(?:hur|var) (?:gör|kan) (?:jag|man(?=.*\b(?:era|de här|dessa|prenumeration\w*)\b))"
            r" (?:för att )?(?:bli av med|avsluta|avregistrera"
            r"|avprenumerera|slippa|stoppa|tar jag bort)"
        ),
        (
            r"\bhur (?:avregistrerar|avprenumererar|avslutar|avanmäler|avbeställer|slipper|stoppar)"
            r" (?:jag|man) (?:mig|det här|detta|prenumerationen|utskicken|mejlen|tipsen|era)"
        ),
        r"\bhow (?:do|can) i (?:unsubscribe(?! my)|stop|get off|opt out)\b",
        r"\b(?:fungerar inte|funkar inte) att (?:avsluta|avregistrera|avprenumerera)\b",
        r"\bvill (?:jag )?slippa (?:fler|mer|de här|dessa|era|ert|era mejl|tipsen)\b",
    )
)
# Only when they are most of what is said, or all of it.
WEAK = tuple(
    re.compile(each)
    for each in (
        rf"\b(?:ta|tag|plocka|radera|stryk) bort {_ME}\b",
        rf"\b(?:ta|tag|plocka) {_ME} bort\b",
        rf"\b(?:remove|delete|unsubscribe) {_ME}\b",
        r"\bta mig ur\b|\blämna mig ifred\b|\bleave me alone\b",
        rf"\bhoppar av(?: nu| här| det här| tipsen| utskicken)?{_END}",
        rf"\bcancel (?:this|it){_END}",
        # A sentence of its own that says no more than that.
        (
            r"(?:^|[.!?,;:] )(?:please |snälla |vänligen |kindly )?(?:stop|sluta|upphör)"
            r"(?: nu| now| it| med det här)?\s*(?:[.!]|$)"
        ),
    )
)
WEAK_WORDS = 12
BARE = re.compile(
    r"\b(?:unsubscribe|avregistrera|avregistrering|avprenumerera|avanmälan|avsluta|stopp|stop|sluta"
    r"|remove|opt-?out|avbeställ|avbeställer|borttag|borttagning|(?:ta|tag|tar) bort"
    r"|(?:inte|ej) intressera[dt]|not interested|no,? thanks|nej,? tack|spam|skräppost|i want out"
    r"|avbeställer|avanmäler|hoppar av|räcker nu|enough already|not for me|inget för mig)\b"
)
BARE_WORDS = 5

# What makes the same words mean something else.
NOT_REMOVING = re.compile(
    r"\b(?:vill (?:absolut |verkligen )?(?:inte|ej) (?:bli borttagen|avregistreras|avsluta|sluta"
    r"|ta bort|hoppa av|avprenumerera)"
    r"|ta (?:inte|ej) bort (?:mig|min)|(?:do not|don't|don’t|please don't) (?:remove|unsubscribe"
    r"|delete|take)|not (?:want|wish|like|asking) to (?:unsubscribe|be removed)"
    r"|(?:råkade|råkat|klickade|kom åt)(?: \S+){0,6} (?:avregistrera|avsluta|avprenumerera|fel)"
    r"|(?:accidentally|by mistake)(?: \S+){0,5} unsubscribed?"
    r"|unsubscribed? (?:by mistake|by accident|accidentally)"
    r"|(?:avslutade|avregistrerade|avprenumererade) (?:mig )?(?:av misstag|av en slump)"
    r"|(?:bli|blev|blivit) (?:av misstag )?(?:borttagen|avregistrerad) av misstag)\b"
)
# Whom else, or what else, it may be about: a meeting, a colleague, a thing at work.
OTHERS = re.compile(
    r"\b(?:ta bort|removed?|deleted?|taken?|plocka bort|stryk|struken|borttagen)(?: \S+){0,4}"
    r" \w*(?:mötet|meeting|invite"
    r"|inbjudan|inbjudningen|kalender(?:n)?|calendar|rapporten|report|projektet|project|styrgruppen"
    r"|steering|backlog(?:en)?|agenda(?:n)?|tråden|thread|kopia|cc|tavlan|board|portföljen"
    r"|portfolio|mallen|pilot(?:en)?|workshop(?:en)?|kurs(?:en)?|course|kanal(?:en)?|channel"
    r"|template|webbinariet|webinar|slide|bilden|frågan|question)\b"
    r"|\b(?:hon|han|kollegan?|colleague|medarbetare|she|he|my boss|min chef|de|they)\b"
    r"(?: \S+){0,4} (?:vill (?:inte|ej)|(?:does|do)(?:n't|n’t| not) want|bad|asked|säger|sa)\b"
)
