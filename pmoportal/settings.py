"""All settings, read top to bottom. The environment comes in through `env` only."""

import secrets
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from pmoportal import crashing, embedded, env, inbound_url, logs, mail_url, server_urls

environment = env.Environment()

VERSION = "0.1.0"
BASE_DIR = Path(__file__).resolve().parent.parent

# --- State and servers -------------------------------------------------------------------

VAR_DIR = environment.get("VAR_DIR", env.folder, default=BASE_DIR / "var")
PORT = environment.get("PORT", env.whole_number(1, 65000), default=8000)
DEBUG = environment.get("DEBUG", env.flag, default=False)

EMBEDDED = embedded.Servers(
    var_dir=VAR_DIR,
    mail_port=PORT + 25,
    postgres=not environment.is_given("DATABASE_URL"),
    valkey=not environment.is_given("CELERY_BROKER_URL") or not environment.is_given("CACHE_URL"),
    catcher=not environment.is_given("EMAIL_URL"),
)
# Mail alone may be embedded only outside production: EMAIL_URL is required below.
PRODUCTION = not DEBUG and all(
    environment.is_given(name) for name in ("DATABASE_URL", "CELERY_BROKER_URL")
)
if PRODUCTION:
    for name in ("SECRET_KEY", "SITE_URL", "CACHE_URL", "EMAIL_URL"):
        environment.require(name, because="production has no default for it")

# --- Addresses and secrets ---------------------------------------------------------------

SITE_URL = environment.get("SITE_URL", env.site_url, default=f"http://127.0.0.1:{PORT}")
_site = urlsplit(SITE_URL)
_hosts: tuple[str, ...] = (_site.hostname or "",)
if not PRODUCTION:
    _hosts += ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = list(environment.get("ALLOWED_HOSTS", env.hosts, default=_hosts))
_none: tuple[str, ...] = ()
_no_networks: tuple[env.Network, ...] = ()
EMBED_ORIGINS = list(environment.get("EMBED_ORIGINS", env.origins, default=_none))
TRUSTED_PROXIES = environment.get("TRUSTED_PROXIES", env.whole_number(0, 5), default=0)
SECRET_KEY = environment.get("SECRET_KEY", env.secret, default="")
# Keys that still verify links in mails sent before SECRET_KEY changed.
SECRET_KEY_FALLBACKS = list(environment.get("SECRET_KEY_FALLBACKS", env.secrets, default=_none))
# Keys the hashes by which suppressed addresses are known; must outlive a change of SECRET_KEY.
ADDRESS_KEY = environment.get("ADDRESS_KEY", env.secret, default="")
# The keys before it, oldest first: hashes made with them were hashed again with the next.
ADDRESS_KEY_EARLIER = environment.get("ADDRESS_KEY_EARLIER", env.secrets, default=_none)
WEBHOOK_SECRET = environment.get("WEBHOOK_SECRET", env.credentials, default="")

# --- The database, the broker, the cache -------------------------------------------------

DATABASE_POOL = environment.get("DATABASE_POOL", env.whole_number(0, 100), default=0)
_database = environment.get(
    "DATABASE_URL",
    server_urls.parse_database_url,
    default=server_urls.parse_database_url(EMBEDDED.database_url),
)
DATABASES = {
    "default": _database
    | {
        # Django's pool and persistent connections exclude each other.
        "CONN_MAX_AGE": 0 if DATABASE_POOL else 60,
        "CONN_HEALTH_CHECKS": not DATABASE_POOL,
        "OPTIONS": {
            # The server keeps the plans of what is asked often, such as a hand-over.
            "server_side_binding": True,
            "prepare_threshold": 5,
            "options": "-c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
            **({"pool": {"min_size": 1, "max_size": DATABASE_POOL}} if DATABASE_POOL else {}),
        }
        | _database.get("OPTIONS", {}),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CELERY_BROKER_URL = environment.get(
    "CELERY_BROKER_URL", server_urls.parse_broker_url, default=EMBEDDED.broker_url
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": environment.get(
            "CACHE_URL", server_urls.parse_cache_url, default=EMBEDDED.cache_url
        ),
        "KEY_PREFIX": "drip",
        # Without retries: by default redis-py tries four times, and a visitor waits for all.
        "OPTIONS": {
            "socket_timeout": 0.4,
            "socket_connect_timeout": 0.4,
            "retry": Retry(NoBackoff(), 0),
        },
    }
}

# --- Mail --------------------------------------------------------------------------------

EMAIL = environment.get(
    "EMAIL_URL",
    mail_url.parse_mail_url,
    default=mail_url.MailServer(kind="smtp", host="127.0.0.1", port=EMBEDDED.mail_port),
)
EMAIL_BACKEND = EMAIL.backend
EMAIL_HOST, EMAIL_PORT = EMAIL.host, EMAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = EMAIL.user, EMAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL.tls == "starttls", EMAIL.tls == "ssl"
EMAIL_TIMEOUT = 30
if EMAIL.kind == "file":
    EMAIL_FILE_PATH = EMAIL.path
ANYMAIL = EMAIL.anymail | {"REQUESTS_TIMEOUT": 30}
if WEBHOOK_SECRET:
    ANYMAIL["WEBHOOK_SECRET"] = WEBHOOK_SECRET

DEMO_FROM_EMAIL = "PMO-testet <pmo@example.com>"
DEMO_POSTAL_ADDRESS = "Exempelgatan 1, 111 11 Stockholm"
DEFAULT_FROM_EMAIL = environment.get("DEFAULT_FROM_EMAIL", env.sender, default=DEMO_FROM_EMAIL)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
SENDER_NAME = environment.get("SENDER_NAME", env.text, default="PMO-testet")
POSTAL_ADDRESS = environment.get("POSTAL_ADDRESS", env.text, default=DEMO_POSTAL_ADDRESS)
# Who answers for it before the law: the controller, and those who work for it.
DEMO_CONTROLLER_NAME = "Exempelbolaget AB"
DEMO_ORG_NUMBER = "556000-0001"
DEMO_PROVIDER = "Exempeldrift AB"
CONTROLLER_NAME = environment.get("CONTROLLER_NAME", env.text, default=DEMO_CONTROLLER_NAME)
ORG_NUMBER = environment.get("ORG_NUMBER", env.org_number, default=DEMO_ORG_NUMBER)
PRIVACY_EMAIL = environment.get(
    "PRIVACY_EMAIL", env.address, default=env.get_address(DEFAULT_FROM_EMAIL)
)
HOSTING_PROVIDER = environment.get("HOSTING_PROVIDER", env.text, default=DEMO_PROVIDER)
HOSTING_COUNTRY = environment.get("HOSTING_COUNTRY", env.country, default="SE")
MAIL_PROVIDER = environment.get("MAIL_PROVIDER", env.text, default=DEMO_PROVIDER)
MAIL_COUNTRY = environment.get("MAIL_COUNTRY", env.country, default="SE")
BOOKING_URL = environment.get(
    "BOOKING_URL", env.link, default="mailto:" + env.get_address(DEFAULT_FROM_EMAIL)
)

# Answers to mail: the address that they are asked to (each mail adds its own +token), and where
# we fetch what came to it, unless a provider brings it.
INBOUND_ADDRESS = environment.get("INBOUND_ADDRESS", inbound_url.parse_address, default="")
_no_inbox: inbound_url.Inbox | None = None
INBOUND = environment.get("INBOUND_URL", inbound_url.parse_inbound_url, default=_no_inbox)

# --- Pace --------------------------------------------------------------------------------

DEMO_DAY_SECONDS = environment.get("DEMO_DAY_SECONDS", env.number, default=0.0)
LEASE_SECONDS = environment.get("LEASE_SECONDS", env.whole_number(1, 3600), default=300)
# How long a worker may take to finish what it is sending when it is told to stop.
STOP_SECONDS = 100
# How many messages are on the wire between two commits.
SENDING_WINDOW = environment.get("SENDING_WINDOW", env.whole_number(1, 1000), default=1)
# Where the process is to die, for the tests that prove what a crash leaves behind.
_nowhere: tuple[str, int] | None = None
CRASH_AT = environment.get("CRASH_AT", crashing.parse, default=_nowhere)

# What the host remembers of its permit to send. Belongs to the host: never part of a backup.
PERMIT_FILE = environment.get("PERMIT_FILE", env.file, default=VAR_DIR / "permit.json")
# Who was erased, by keyed hash, one a line: outlives the database, to be replayed on an old one.
ERASURES_FILE = environment.get("ERASURES_FILE", env.file, default=VAR_DIR / "erasures.csv")
# Over how many connections a window of several mails leaves.
SENDING_CONNECTIONS = environment.get("SENDING_CONNECTIONS", env.whole_number(1, 100), default=4)
# What the mail server allows, all workers together; 0 is any number. Days are days of UTC.
MAIL_PER_SECOND = environment.get("MAIL_PER_SECOND", env.number, default=0.0)
MAIL_PER_MINUTE_TO_DOMAIN = environment.get("MAIL_PER_MINUTE_TO_DOMAIN", env.number, default=0.0)
MAIL_PER_DAY = environment.get("MAIL_PER_DAY", env.whole_number(0, 100_000_000), default=0)
# The day a new sending domain begins with 50 mails; each day may have about twice as many.
WARM_UP_FROM: date | None = environment.get("WARM_UP_FROM", env.day, default=None)

# --- Whether mail is received ------------------------------------------------------------

# What `manage.py doctor` asks, and cannot find out by itself.
DNS_SERVERS = list(environment.get("DNS_SERVERS", env.name_servers, default=_none))
DKIM_SELECTORS = list(environment.get("DKIM_SELECTORS", env.selectors, default=_none))
# The name by which receivers see the mail server, where EMAIL_URL only names the way to it.
SENDING_HOST = environment.get("SENDING_HOST", env.host, default="")
# The folder in which our own mail arrives, as .eml files or as a maildir.
_no_folder: Path | None = None
DOCTOR_INBOX = environment.get("DOCTOR_INBOX", env.folder, default=_no_folder)
# The day on which the contract about personal data was signed with the mail provider.
PROVIDER_SIGNED_ON: date | None = environment.get("PROVIDER_SIGNED_ON", env.day, default=None)

# --- Measured links ----------------------------------------------------------------------

# In seconds after delivery: what comes before the first is nobody's reading, before the second
# perhaps not; and within how many seconds only a program follows every link of a mail.
CLICK_SOONER_SECONDS = environment.get("CLICK_SOONER_SECONDS", env.number, default=3.0)
CLICK_SOON_SECONDS = environment.get("CLICK_SOON_SECONDS", env.number, default=15.0)
CLICK_BURST_SECONDS = environment.get("CLICK_BURST_SECONDS", env.number, default=5.0)
# So many people of one mail domain do not click in the same second.
CLICK_CROWD = environment.get("CLICK_CROWD", env.whole_number(2, 10_000), default=5)
# From where mail scanners look at links.
SCANNER_NETWORKS = environment.get(
    "SCANNER_NETWORKS", env.networks, default=env.networks(",".join(env.SCANNER_NETWORKS))
)

# --- The test ----------------------------------------------------------------------------

# How many others there must be before a result is shown beside theirs.
DISTRIBUTION_LEAST = environment.get("DISTRIBUTION_LEAST", env.whole_number(5, 100_000), default=30)
# When a lead becomes hot: letters of fit and digits of engagement it may rise to.
LEAD_ALERT_GRADES = environment.get("LEAD_ALERT_GRADES", env.grades, default="A12")
# A lead of the best fit that nobody takes is brought up after this many days; and a taken one
# that its owner has not touched for this many gets its mail again.
LEAD_UNTOUCHED_DAYS = environment.get("LEAD_UNTOUCHED_DAYS", env.whole_number(1, 365), default=3)
HANDOVER_SILENT_DAYS = environment.get("HANDOVER_SILENT_DAYS", env.whole_number(1, 365), default=21)
# What one visitor may do, counted per address (an IPv6 /64) or network (/24, /64). An office
# behind one address can take the test together.
STARTS_PER_HOUR = environment.get("STARTS_PER_HOUR", env.whole_number(1, 1_000_000), default=300)
CONFIRMATIONS_PER_HOUR = environment.get(
    "CONFIRMATIONS_PER_HOUR", env.whole_number(1, 100_000), default=30
)
CONFIRMATIONS_PER_DAY = environment.get(
    "CONFIRMATIONS_PER_DAY", env.whole_number(1, 100_000), default=100
)
# What all of them may do together: further confirming mails wait.
CONFIRMATIONS_PER_HOUR_ALL = environment.get(
    "CONFIRMATIONS_PER_HOUR_ALL", env.whole_number(1, 1_000_000), default=200
)
ALLOW_ROLE_ADDRESSES = environment.get("ALLOW_ROLE_ADDRESSES", env.flag, default=True)
ALLOW_DISPOSABLE = environment.get("ALLOW_DISPOSABLE", env.flag, default=False)
# Whose leads a consultant sees: their own and nobody's, or all.
LEADS_SEEN = environment.get("LEADS_SEEN", env.one_of("own", "all"), default="own")

# --- How long things are kept --------------------------------------------------------------

# Tests without an address: left before the end, and completed.
KEEP_UNFINISHED_HOURS = environment.get(
    "KEEP_UNFINISHED_HOURS", env.whole_number(24, 8760), default=24
)
KEEP_ANONYMOUS_DAYS = environment.get("KEEP_ANONYMOUS_DAYS", env.whole_number(1, 3650), default=90)
# An address that was never confirmed; the confirming link is valid for seven days.
KEEP_UNCONFIRMED_DAYS = environment.get(
    "KEEP_UNCONFIRMED_DAYS", env.whole_number(7, 365), default=7
)
# What a mail said, reports of mail that was not ours and raw clicks, and whole IP addresses.
KEEP_MAIL_DAYS = environment.get("KEEP_MAIL_DAYS", env.whole_number(1, 3650), default=90)
KEEP_REPORTS_DAYS = environment.get("KEEP_REPORTS_DAYS", env.whole_number(1, 365), default=30)
KEEP_IP_DAYS = environment.get("KEEP_IP_DAYS", env.whole_number(1, 365), default=30)
# A person who gives no sign of life is warned so many days before everything is erased.
KEEP_IDLE_MONTHS = environment.get("KEEP_IDLE_MONTHS", env.whole_number(3, 120), default=24)
WARN_IDLE_DAYS = environment.get("WARN_IDLE_DAYS", env.whole_number(7, 60), default=30)
# After somebody is erased, or never confirmed anything.
CONSENT_EVIDENCE_MONTHS = environment.get(
    "CONSENT_EVIDENCE_MONTHS", env.whole_number(1, 120), default=24
)
# Told in the papers; whatever keeps the logs has to be set to the same.
KEEP_LOGS_DAYS = environment.get("KEEP_LOGS_DAYS", env.whole_number(1, 365), default=30)

# --- Other systems -----------------------------------------------------------------------

# Networks inside that webhooks may reach besides the open internet.
WEBHOOK_ALLOWED_PRIVATE = list(
    environment.get("WEBHOOK_ALLOWED_PRIVATE", env.networks, default=_no_networks)
)
# Calls to the API a minute, per key.
API_PER_MINUTE = environment.get("API_PER_MINUTE", env.whole_number(1, 100_000), default=300)

environment.seal()
if not SECRET_KEY:
    SECRET_KEY = embedded.get_secret(VAR_DIR / "secret_key", make=lambda: secrets.token_urlsafe(64))

if not ADDRESS_KEY:
    ADDRESS_KEY = SECRET_KEY

# --- The site ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "modeltranslation",  # must come before the admin
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "adminsortable2",
    "csp",
    "axes",
    "anymail",
    "leads",
    "campaigns",
    "assessments",
    "pmoportal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pmoportal.middleware.client_address",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pmoportal.middleware.embedding",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "pmoportal.middleware.admin_language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "leads.middleware.refusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "pmoportal.middleware.TooManyPage",
    "pmoportal.middleware.ProvidersReports",
    "axes.middleware.AxesMiddleware",  # must come last
]
ROOT_URLCONF = "pmoportal.urls"
WSGI_APPLICATION = "pmoportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "pmoportal.context.sender",
            ],
        },
    }
]
CONTENT_DIR = BASE_DIR / "content"
HOME_ASSESSMENT = "pmo"  # the test that the front page invites to
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Languages and time ------------------------------------------------------------------

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "sv"
MODELTRANSLATION_LANGUAGES = ("sv", "en")
MODELTRANSLATION_FALLBACK_LANGUAGES = ("sv",)
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True

# --- Logging in, and who is kept out -----------------------------------------------------

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False  # its log lines hold user names
LOGIN_URL = "admin:login"

_is_https = _site.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = _is_https
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# HSTS for sub-domains and preloading is the domain owner's decision; a proxy does the redirect.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "security.W008"]

LOGGING = logs.LOGGING
