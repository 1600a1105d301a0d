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
            r"\b(?:vill|önskar) (?:verkligen |absolut )?(?:inte|ej) (?:längre )?(?:ha|få|motta"
            r"|ta emot)"
            r" (?:några |något )?(?:fler|mer|flera|mera)?\s?(?:av )?(?:era|ert|er|dina|de här"
            r"|sådana)?"
            r"\s?(?:såna |sådana |här )?(?:mejl|mail|e-?post|e-mail|utskick|tips|nyhetsbrev|reklam"
            r"|spam|skräp)"
        ),
        (
            r"\b(?:vill|önskar) (?:inte|ej) (?:längre )?(?:bli kontaktad|få det här|ha det här|få"
            r" detta|stå kvar|vara med)\b"
        ),
        (
            r"\b(?:sluta|upphör) (?:genast |omedelbart |nu )?(?:med )?(?:att )?(?:mejla|maila|mejl"
            r"|skicka|spamma"
            r"|kontakta|höra av)\b"
        ),
        r"\bskicka (?:mig )?(?:inte|inga|aldrig|ej) (?:mig )?(?:fler|mer|flera|mera)\b",
        r"\binga (?:fler|flera|mera?) (?:mejl|mail|utskick|tips|e-?post|nyhetsbrev)\b(?: tack)?",
        r"\b(?:jag )?avböjer (?:vidare|fortsatta|fler|ytterligare) (?:utskick|mejl|kontakt|mail)",
        (
            r"\b(?:vill|önskar) (?:bli borttagen|avregistrera mig|avprenumerera|avsluta (?:min )?"
            r"prenumeration|avanmäla mig|bli avregistrerad|gå ur|tas bort|hoppa av)\b"
        ),
        r"\bavsluta (?:min )?(?:prenumeration|prenumerationen|utskicken|utskick)\b",
        r"\bavanmäl(?:er)? (?:mig|härmed)\b",
        r"\b(?:radera|ta bort) (?:alla )?(?:mina|min) (?:person)?uppgifter\b",
        r"\bstop (?:sending|emailing|e-mailing|mailing|spamming|contacting|these e-?mails)\b",
        (
            r"\b(?:do not|don't|dont|don’t|never) (?:ever )?(?:send|e-?mail|contact|write to|mail"
            r"|spam)"
            r" (?:me|us|to me)?\s?(?:any ?more|again|any more|any longer|further|ever|more|this"
            r"|e-?mails|messages)?"
        ),
        (
            r"\b(?:no longer (?:want|wish)|do not (?:want|wish)|don't (?:want|wish)"
            r"|don’t want) (?:to"
            r" )?(?:receive|get|be on|be contacted|hear|any more|your|these|to hear)"
        ),
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
        r"\bhow (?:do|can) i (?:unsubscribe|stop|get off|opt out)\b",
        r"\b(?:fungerar inte|funkar inte) att (?:avsluta|avregistrera|avprenumerera)\b",
        r"\bvill (?:jag )?slippa (?:fler|mer|de här|dessa|era|ert|era mejl|tipsen)\b",
    )
)
# Only when they are most of what is said.
WEAK = tuple(
    re.compile(each)
    for each in (
        rf"\b(?:ta|tag|plocka|radera|stryk) bort {_ME}\b",
        rf"\b(?:ta|tag|plocka) {_ME} bort\b",
        rf"\b(?:remove|delete|unsubscribe) {_ME}\b",
        (
            r"\b(?:unsubscribe|avregistrera|avregistrering|avprenumerera|avanmälan|avsluta|stopp"
            r"|stop"
            r"|sluta|remove|opt-?out|avbeställ|avbeställer|borttag|borttagning)\b"
        ),
        r"\b(?:ta|tag|tar) bort\b",
        (
            r"\binte intressera[dt]?\b|\bej intresserad\b|\bnot interested\b|\bno,? thanks\b"
            r"|\bnej,? tack\b"
        ),
        r"\bta mig ur\b|\blämna mig ifred\b|\bleave me alone\b",
    )
)
WEAK_WORDS = 12  # the most that may be said around a weak phrase

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
