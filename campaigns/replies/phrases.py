"""What people and programs write when they are away, have left, or only say that a mail has come.

Matched against lower-case words with single spaces.
"""

import re

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
    r"|kontakta (?:min kollega|istället|i stället|gärna|växeln|vår|oss på|min|(?:\w+ ){1,4}på|\w+@)"
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
    r"|har slutat\b|har avslutat (?:sin|min) (?:anställning|tjänst)"
    r"|har lämnat (?:\w+ ){0,3}(?:företaget|bolaget|organisationen|kommunen|koncernen"
    r"|myndigheten|sin tjänst|min tjänst|\w+ab)|har lämnat (?!\w+ (?:in|över|till))[a-zåäö&]+ för"
    r"|(?:arbetar|jobbar|är) (?:inte|ej) (?:längre )?(?:kvar|anställd)"
    r"|(?:arbetar|jobbar) (?:inte|ej) längre|inte längre (?:kvar|anställd|arbetar|jobbar)"
    r"|(?:har )?gått (?:i|vidare till) (?:pension|nya utmaningar|nytt jobb|ett annat)"
    r"|gått i pension|adressen (?:används inte|är inte längre|upphör|avvecklas|är stängd"
    r"|har upphört)|(?:e-?post|mejl)(?:adress(?:en)?|lådan?) (?:används|läses|bevakas) (?:inte|ej)"
    r"|(?:no longer|not longer) (?:work|works|working|with|at|employed|in use|active|monitored"
    r"|part of|an employee)|ha(?:s|ve) left (?:the (?:company|organi[sz]ation|business)"
    r"|[a-z]+ (?:to"
    r"|as of|for|and)|[a-z]+\.(?: |$)|[a-z]+$|my (?:role|position|job))|has retired|have retired"
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
