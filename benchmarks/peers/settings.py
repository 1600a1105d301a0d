"""One Django project for all peers. Its environment is their own (requirements/bench.txt)."""

import os
from pathlib import Path

from django.core.mail.utils import DNS_NAME

# Looking up our own name takes longer than a mail; nobody is measured by that.
DNS_NAME._fqdn = "localhost"  # noqa: SLF001

FOLDER = Path(os.environ["BENCH_FOLDER"])
BROKER_URL = os.environ["BENCH_BROKER"]
SECRET_KEY = "only for measuring"
USE_TZ = True
SITE_ID = 1
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "benchmarks.peers.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["BENCH_DATABASE_HOST"],
        "NAME": os.environ["BENCH_DATABASE"],
        "USER": "app",
        "CONN_MAX_AGE": 60,
    }
}
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["BENCH_SMTP_PORT"])
DEFAULT_FROM_EMAIL = "PMO-testet <pmo@example.com>"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sites",
    "drip",
    "newsletter",
    "post_office",
    "benchmarks.peers.naive",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FOLDER / "templates"],
        "APP_DIRS": True,
    }
]
LOGGING = {"version": 1, "disable_existing_loggers": True, "root": {"level": "ERROR"}}
NEWSLETTER_THUMBNAIL = "sorl-thumbnail"
NEWSLETTER_USE_HTTPS = True
# Tuned: its defaults are one process, batches of 100 and a row of log for each mail.
POST_OFFICE = {
    "BATCH_SIZE": 2500,
    "THREADS_PER_PROCESS": 5,
    "LOG_LEVEL": 1,
    "BATCH_DELIVERY_TIMEOUT": 600,
}
