"""Each finding in a sentence: what is so, and what to do about it."""

from django.utils.translation import gettext_lazy as _

from campaigns.doctor.findings import Finding

CHECKS = {
    "from_domain": _("Sender's domain"),
    "spf": _("SPF: who may send"),
    "dkim_key": _("DKIM: the key"),
    "dmarc": _("DMARC: what receivers shall do"),
    "mx": _("Answers come back"),
    "ptr": _("Name of the mail server"),
    "tls": _("Encryption to the mail server"),
    "site": _("The site from outside"),
    "webhook": _("The provider's reports"),
    "provider": _("Where the provider is, and the contract"),
    "permit": _("Permit to send"),
    "postal_address": _("Postal address"),
    "workers": _("Workers"),
    "scheduler": _("Scheduler"),
    "clock": _("Clock"),
    "signature": _("A received mail: signature"),
    "alignment": _("A received mail: sender and signature agree"),
    "one_click": _("A received mail: one-click unsubscribing"),
    "one_click_signed": _("A received mail: one-click is signed"),
}

STATES = {"pass": _("well"), "fail": _("to be mended"), "unknown": _("not known")}

SENTENCES = {
    "address_made_up": _("The made-up address would stand in every mail. Set POSTAL_ADDRESS."),
    "address_ok": _("Stands in every mail."),
    "aligned": _("The signature is of the sender's domain, so DMARC is passed."),
    "alignment_open": _("Nobody could say whether the signature is true. Try again later."),
    "broke": _("Could not be examined because of a fault of ours. The log has more."),
    "broker_away": _("The broker does not answer. Start Redis; until then mail is planned late."),
    "cache_away": _("The cache does not answer, so nobody knows. Start Redis."),
    "clock_off": _("Ours and the database's differ. Let both keep time by NTP."),
    "clock_ok": _("Ours and the database's agree."),
    "cover_open": _("Only a true signature can cover the headers. Mend the signature first."),
    "covered": _("Both headers are under the signature, so receivers show the button."),
    "database_away": _("The database does not answer."),
    "dkim_key_broken": _(
        "The record is no key. Publish what the mail server or provider gave you."
    ),
    "dkim_key_missing": _("There is no key at this name. Publish it, or correct DKIM_SELECTORS."),
    "dkim_key_ok": _("Is published."),
    "dkim_key_revoked": _("The key is revoked: its record is empty. Publish the one in use."),
    "dkim_key_short": _("Shorter than receivers accept. Make one of 2048 bits."),
    "dkim_no_selector": _("Set DKIM_SELECTORS to the name before ._domainkey, or check a mail."),
    "dmarc_broken": _("Receivers do not understand it. It must say p=none, quarantine or reject."),
    "dmarc_missing": _(
        "There is no record. Publish v=DMARC1; p=none at _dmarc, and tighten it later."
    ),
    "dmarc_ok": _("Is published, and says what to do with forgeries."),
    "dmarc_several": _("There is more than one record, so none counts. Leave one."),
    "dmarc_watching": _(
        "Is published but lets forgeries through. When all is well, say p=quarantine."
    ),
    "dns_broken": _("The name servers answered nonsense or with an error. Ask who runs them."),
    "dns_silent": _("The name servers did not answer in time. Try again, or set DNS_SERVERS."),
    "example_domain": _("The sender's address is made up. Set DEFAULT_FROM_EMAIL to one of yours."),
    "free_mail": _(
        "Nobody may send from there but its owner. Set DEFAULT_FROM_EMAIL to your domain."
    ),
    "host_missing": _("The mail server's name does not exist. Correct EMAIL_URL or SENDING_HOST."),
    "mail_stays": _("Mail stays on this computer, so there is nothing to look at."),
    "mail_unreadable": _("This is no mail, or one larger than 2 MB. Save it as .eml, unchanged."),
    "mx_missing": _(
        "The domain takes no mail, so answers and bounces are lost. Publish an MX record."
    ),
    "mx_null": _("The domain says that it takes no mail. Publish an MX record."),
    "mx_ok": _("The domain takes mail."),
    "no_domain": _("The sender's domain is none that can be registered. Set DEFAULT_FROM_EMAIL."),
    "no_mail": _("Send yourself a mail, save it as it arrived (.eml) and have it checked."),
    "not_aligned": _("No true signature is of the sender's domain. Sign with the domain in From."),
    "not_covered": _(
        "It leaves out List-Unsubscribe or List-Unsubscribe-Post. Let the signature cover both."
    ),
    "one_click_missing": _(
        "The headers are missing. Check a mail of a campaign; what is on the way may drop them."
    ),
    "one_click_ok": _("Both headers are as receivers want them."),
    "one_click_wrong": _(
        "There must be one https address, and each header once. Does SITE_URL say https?"
    ),
    "own_domain": _("A domain of your own."),
    "permit_elsewhere": _(
        "It is another computer's or database's. See why, then: manage.py permit --grant."
    ),
    "permit_none": _("Nobody has granted one. Do so: manage.py permit --grant."),
    "permit_ok": _("Mail may leave from here."),
    "permit_restored": _(
        "The database is older than the mail that has left. Read about restoring first."
    ),
    "permit_revoked": _("It was revoked. When mail may leave again: manage.py permit --grant."),
    "provider_ok": _("In Europe, with a contract that is dated."),
    "provider_outside": _(
        "Outside Europe. Write down why addresses may go there, and say so in the notice."
    ),
    "provider_own": _("No third party: nothing to sign."),
    "provider_unsigned": _(
        "Sign the contract about personal data and set PROVIDER_SIGNED_ON to its date."
    ),
    "ptr_local": _("In a network of your own. Set SENDING_HOST to the name that receivers see."),
    "ptr_missing": _(
        "The address has no name, so many refuse its mail. Have a PTR record made for it."
    ),
    "ptr_ok": _("Address and name point at each other."),
    "ptr_other": _("The name does not lead back to the address. Make the two agree."),
    "ptr_provider": _("The provider's own matter."),
    "relay_silent": _(
        "The mail server did not answer in time. See whether it runs and the port is open."
    ),
    "relay_unreachable": _("The mail server cannot be reached. Correct EMAIL_URL, or start it."),
    "relay_whose": _(
        "If others run this server, sign a contract and set PROVIDER_SIGNED_ON to its date."
    ),
    "scheduler_late": _("It has not been heard for more than three minutes. Start it again."),
    "scheduler_none": _("It has never been heard here. Start it: celery beat."),
    "scheduler_ok": _("At work."),
    "signature_bad": _(
        "It is not true: the mail was changed on the way, or signed with another key."
    ),
    "signature_missing": _(
        "The mail is not signed. Let the mail server or provider sign with DKIM."
    ),
    "signature_no_key": _("Its key is not published. Publish it where the signature says."),
    "signature_ok": _("The mail is signed, and arrived as it was sent."),
    "site_certificate": _("Its certificate is not one that browsers trust. Renew it."),
    "site_local": _("SITE_URL is this computer's own, so links in mails work only here."),
    "site_ok": _("Answers."),
    "site_plain": _("Works, but without https. Set SITE_URL to https://…"),
    "site_silent": _("Did not answer in time. See what the proxy says."),
    "site_unreachable": _(
        "Cannot be reached from here. See whether it runs, and what the firewall says."
    ),
    "site_unresolved": _("The name in SITE_URL does not exist. Publish it, or correct SITE_URL."),
    "site_unwell": _("Answers, but not well. Look at /healthz."),
    "spf_asks": _(
        "Receivers may ask ten questions, and this needs more. Leave out what sends no mail."
    ),
    "spf_broken": _("Receivers do not understand this part. Correct it."),
    "spf_missing": _(
        "There is no record. Publish v=spf1 with your mail server or provider, and -all."
    ),
    "spf_ok": _("Says who may send, and that others may not."),
    "spf_open": _("Lets anybody send in your name. Let it end with -all or ~all."),
    "spf_several": _("There is more than one record, so none counts. Make one of them."),
    "tls_bad_certificate": _(
        "The certificate is not one to trust. Renew it, or correct the name in EMAIL_URL."
    ),
    "tls_expires": _("The certificate ends within two weeks. Renew it."),
    "tls_local": _("Mail goes over this computer only, and needs none."),
    "tls_missing": _(
        "The mail server offers none, so others can read. Switch it on there, or choose another."
    ),
    "tls_ok": _("Encrypted, with a certificate that is trusted."),
    "tls_provider": _("The provider is called over https."),
    "tls_unused": _("It is offered, and we do not use it. Write smtp+starttls:// in EMAIL_URL."),
    "took_too_long": _("Took too long. Try again."),
    "webhook_certificate": _(
        "The site's certificate is not trusted, so no report comes in. Renew it."
    ),
    "webhook_no_secret": _(
        "No report is taken. Set WEBHOOK_SECRET, and the address at the provider."
    ),
    "webhook_none": _("There are none here, so bounces are only seen at once. Nothing to do."),
    "webhook_ok": _("The address for them answers, and is closed to others."),
    "webhook_refused": _(
        "Their address does not answer as it should. Does the proxy let /webhooks/ through?"
    ),
    "webhook_silent": _("The address for them did not answer in time."),
    "webhook_unreachable": _("The address for them cannot be reached from here."),
    "webhook_unsigned": _("No report is taken without this extra in EMAIL_URL."),
    "webhook_unresolved": _("The name in SITE_URL does not exist, so no report finds us."),
    "workers_none": _("None answers. Start one: celery worker."),
    "workers_ok": _("At work."),
}


def describe_check(finding: Finding) -> str:
    return str(CHECKS.get(finding.check, finding.check))


def describe(finding: Finding) -> str:
    return str(SENTENCES.get(finding.reason, finding.reason))
