"""What people and programs write when they want no more mail, are away, or have left.

Two grades of wishing to be removed: what can mean nothing else wherever it stands, and what means
it only when little else is said. Matched against lower-case words with single spaces.
"""

import re

# --- Remove me ---------------------------------------------------------------------------

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

STRONG = tuple(
    re.compile(each)
    for each in (
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
            r"|stå på|få det här|ha det här|få"
            r" detta|stå kvar|vara med)\b"
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
            r"\b(?:avsluta|avbryta?|säga? upp|stoppa|stänga? av) (?:min |mina |era )?"
            r"(?:prenumeration|utskick|mejlserie|tipsen)"
        ),
        r"\bhur (?:blir|kommer) (?:jag|man) av (?:med|från)\b",
        r"\bavanmäl(?:er)? (?:mig|härmed)\b",
        r"\b(?:radera|ta bort) (?:alla )?(?:mina|min) (?:person)?uppgifter\b",
        (
            r"(?<!decided to )(?<!we )(?<!they )(?<!will )\bstop (?:emailing|e-mailing|mailing"
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
            r"\b(?:hur|var) (?:gör|kan) (?:jag|man) (?:för att )?(?:bli av med|avsluta|avregistrera"
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
    )
)
WEAK_WORDS = 12
BARE = re.compile(
    r"\b(?:unsubscribe|avregistrera|avregistrering|avprenumerera|avanmälan|avsluta|stopp|stop|sluta"
    r"|remove|opt-?out|avbeställ|avbeställer|borttag|borttagning|(?:ta|tag|tar) bort"
    r"|(?:inte|ej) intressera[dt]|not interested|no,? thanks|nej,? tack)\b"
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
    r"\b(?:ta bort|remove|delete|take|plocka bort|stryk)(?: \S+){0,4} (?:mötet|meeting|invite"
    r"|inbjudan|inbjudningen|kalender(?:n)?|calendar|rapporten|report|projektet|project|styrgruppen"
    r"|steering|backlog(?:en)?|agenda(?:n)?|tråden|thread|kopia|cc|tavlan|board|portföljen"
    r"|portfolio|mallen|template|webbinariet|webinar|slide|bilden|frågan|question)\b"
    r"|\b(?:hon|han|kollegan?|colleague|medarbetare|she|he|my boss|min chef|de|they)\b"
    r"(?: \S+){0,4} (?:vill (?:inte|ej)|(?:does|do)(?:n't|n’t| not) want|bad|asked|säger|sa)\b"
)

# --- Away ----------------------------------------------------------------------------------

AWAY_SUBJECT = re.compile(
    r"(?i)^\W*(?:out of (?:the )?office|ooo\b|frånvaro(?:meddelande)?\b|frånvarande|semester\b"
    r"|on (?:vacation|leave|holiday|parental leave)|annual leave|away from|ej på (?:kontoret|plats)"
    r"|inte på kontoret|föräldraledig|ledig\b|borta\b|vacation\b|absence\b|holiday\b"
    r"|semesterhälsning|away\b|tjänstledig)"
)
AUTO_SUBJECT = re.compile(
    r"(?i)^\W*(?:auto(?:matisk[at]?|matic|mated)?[ -]?(?:svar|reply|response|answer|generera\w*"
    r"|replied)?\s?:|autosvar|automatiskt (?:svar|meddelande)|automatic reply|autoreply|auto-reply"
    r"|auto response|autoresponse|automated (?:reply|response))"
)
AWAY = re.compile(
    r"\b(?:(?:är|har) (?:jag |just nu |för närvarande |tyvärr |nu |också )*(?:på |i |ute på |tar )?"
    r"(?:semester|ledig|föräldraledig|pappaledig|mammaledig|tjänstledig|sjukskriven|frånvarande"
    r"|bortrest|tjänsteresa|utlandsresa|resande fot|kurs|konferens|inte på (?:kontoret|plats)"
    r"|inte i tjänst|inte anträffbar|inte tillgänglig|ej (?:på plats|i tjänst|anträffbar"
    r"|tillgänglig)|sommarledig|julledig|ute på|borta|långledig|studieledig|vab)"
    r"|har (?:tagit |gått på )?(?:semester|sommarsemester|julledigt|föräldraledigt|ledigt)"
    r"|(?:semester|föräldraledig|ledig|frånvarande|tjänstledig|bortrest|sjukskriven)\b[^.\n]{0,40}"
    r"(?:t\.?o\.?m|till|fram till|åter|tillbaka|v\.?\s?\d|vecka|\d)"
    r"|tar (?:jag |nu )*(?:semester|ledigt|sommarledigt)|(?:jag )?går på (?:semester|föräldraledigt"
    r"|ledighet)"
    r"|(?:läser|svarar|kollar) (?:jag )?(?:inte|ej|sällan|endast sporadiskt|bara sporadiskt)"
    r"(?: på| min)? ?(?:e-?post|mejl|mail)"
    r"|begränsad (?:tillgång|möjlighet)|vabbar|hemma med sjukt barn"
    r"|(?:åter|tillbaka) (?:på (?:kontoret|jobbet|plats)|i tjänst|till jobbet|till kontoret)"
    r"|out of (?:the )?office|on (?:annual |parental |maternity |paternity |sick |study |family"
    r" |medical )?leave|on (?:vacation|holiday|a business trip)|away (?:from|until|on|till)"
    r"|i(?:'m|’m| am) (?:currently )?(?:away|travell?ing|unavailable|not available|not in the"
    r" office|ooo)|limited access|will (?:be back|return)|back in (?:the )?office|not be checking"
    r"|returning on|i return|taking (?:some )?time off|will not have access)\b"
)
# What a letter to nobody in particular says: whom to turn to meanwhile.
INSTEAD = re.compile(
    r"\b(?:vid (?:brådskande|akuta|angelägna|frågor|behov)|om det är (?:bråttom|brådskande|akut)"
    r"|kontakta (?:min kollega|istället|i stället|gärna|växeln|vår|oss på|min|\w+ \w+ på|\w+@)"
    r"|(?:i|under) min frånvaro|in my absence|(?:for|in case of|if) (?:any )?(?:urgent|anything"
    r" urgent|it is urgent|your matter|immediate|urgency|emergenc)"
    r"|please contact|hänvisar (?:jag )?till|mejl(?:et|en)? vidarebefordras inte|will not be"
    r" forwarded|vänd dig till|reach out to|meddelande(?:t)? vidarebefordras|ersätts av"
    r"|ersättare är|covering for me|min ersättare)\b"
)

# --- Gone ----------------------------------------------------------------------------------

GONE = re.compile(
    r"\b(?:(?:jag |har |nu |numera |hon |han |som )*(?:har )?slutat (?:på|hos|i|vid|min|mitt|sin"
    r"|sitt|som|den|här|att arbeta|att jobba|arbeta|jobba|nu|och)\b"
    r"|har slutat\b|har lämnat (?:\w+ ){0,3}(?:företaget|bolaget|organisationen|kommunen|koncernen"
    r"|myndigheten|sin tjänst|min tjänst|\w+ab)|har lämnat (?!\w+ (?:in|över|till))[a-zåäö&]+ för"
    r"|(?:arbetar|jobbar|är) (?:inte|ej) (?:längre )?(?:kvar|anställd)"
    r"|(?:arbetar|jobbar) (?:inte|ej) längre|inte längre (?:kvar|anställd|arbetar|jobbar)"
    r"|(?:har )?gått (?:i|vidare till) (?:pension|nya utmaningar|nytt jobb|ett annat)"
    r"|gått i pension|adressen (?:används inte|är inte längre|upphör|avvecklas|är stängd"
    r"|har upphört)|(?:e-?post|mejl)(?:adressen|lådan) (?:används|läses|bevakas) (?:inte|ej)"
    r"|(?:no longer|not longer) (?:work|works|working|with|at|employed|in use|active|monitored"
    r"|part of|an employee)|ha(?:s|ve) left (?:the (?:company|organi[sz]ation|business)"
    r"|[a-z]+ (?:to"
    r"|as of|for|and)|[a-z]+\.?$|my (?:role|position|job))|has retired|have retired"
    r"|(?:last day (?:at|with) \w+ was)|address is no longer|mailbox is no longer"
    r"|no longer monitored|av(?:liden|lidit)|passed away|min sista (?:arbets)?dag var"
    r"|sista arbetsdag var)\b"
)
GONE_PERSON = re.compile(r"\b(?:jag har|jag|i have|i've|i)\b(?: \S+){0,3} (?:slutat|left|bytt)\b")

# --- Programs ------------------------------------------------------------------------------

RECEIPT = re.compile(
    r"\b(?:tack för (?:ditt|er|ert) (?:mejl|mail|meddelande|e-?post|ärende)[^\n]{0,60}(?:vi (?:har"
    r" tagit|återkommer|svarar|besvarar|hanterar)|har (?:registrerats|mottagits|tagits))"
    r"|vi har (?:tagit emot|mottagit|registrerat) (?:ditt|er|ert)|ditt (?:ärende|mejl|meddelande)"
    r" har (?:registrerats|mottagits|tagits emot|fått)|ärendenummer|detta är ett automatiskt"
    r"|det här är ett automatiskt|svara inte på (?:detta|det här)|går inte att svara på"
    r"|this is an automat|automatically generated|do not reply to this|we have received your"
    r"|your (?:request|ticket|message|case|enquiry|email) (?:has been|was) (?:received|created"
    r"|logged)|ticket (?:id|number|#)|case number|thank you for contacting)\b"
)
