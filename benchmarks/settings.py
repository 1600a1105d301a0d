"""The site as it is, and beside it the barest view that Django can be asked for."""

from pmoportal.settings import *  # noqa: F403
from pmoportal.settings import INSTALLED_APPS

INSTALLED_APPS += ["benchmarks.bare"]
ROOT_URLCONF = "benchmarks.urls"
