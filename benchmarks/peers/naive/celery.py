import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.peers.settings")

app = Celery("naive", broker=settings.BROKER_URL)
app.conf.task_ignore_result = True
app.autodiscover_tasks(["benchmarks.peers.naive"])
