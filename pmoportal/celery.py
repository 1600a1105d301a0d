"""The Celery application: how tasks behave, and the ONE table of periodic work.

The database row is the truth and a task is a doorbell: a lost one costs at most one sweep, so
nothing is acknowledged late or stored. A web request must never wait for the broker, so the
timeouts are short except in the worker.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging
from django.conf import settings
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmoportal.settings")

# The transport waits a second in BRPOP, so a worker's socket_timeout must be longer than that.
SOCKET_TIMEOUTS: dict[str, dict[str, Any]] = {
    "web": {"socket_timeout": 0.4, "socket_connect_timeout": 0.4},
    "worker": {"socket_timeout": 15, "socket_connect_timeout": 5},
}
VISIBILITY_TIMEOUT = 600  # well above the time limit; the shortest on a broker wins
SWEEP_SECONDS = min(30.0, settings.DEMO_DAY_SECONDS or 30.0)
# A mailbox on a server somewhere is not to be asked all the time.
FETCH_SECONDS = min(60.0, max(5.0, settings.DEMO_DAY_SECONDS or 60.0))


def get_transport_options(role: str) -> dict[str, Any]:
    return SOCKET_TIMEOUTS[role] | {
        # True would let redis-py try four times, for five seconds and more, and reconnect behind
        # Celery's back: a worker then listens for ever on a connection that nobody answers.
        "retry_on_timeout": False,
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_keepalive": not settings.CELERY_BROKER_URL.startswith("redis+socket:"),
        "health_check_interval": 10,
        "global_keyprefix": "drip:",
    }


def every(seconds: float, task: str) -> dict[str, Any]:
    """A tick nobody took before the next one is dropped: a backlog of ticks must not pile up."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 5)}}


# A channel that is closed puts back what was not acknowledged: over a connection that is gone, when
# the broker has died, and the worker dies of it (kombu 5.7.0). A hint need not be put back.
Channel.do_restore = False

app = Celery("pmoportal")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    beat_schedule={
        "plan": every(SWEEP_SECONDS, "campaigns.tasks.plan_due_messages"),
        "send": every(SWEEP_SECONDS, "campaigns.tasks.send_due_messages"),
        "settle": every(30, "campaigns.tasks.settle_stale"),
        "watch": every(30, "campaigns.tasks.watch_reputation"),
        "fetch-replies": every(FETCH_SECONDS, "campaigns.tasks.fetch_replies"),
        "clicks": every(30, "campaigns.tasks.judge_clicks"),
        "invariants": every(600, "campaigns.tasks.check_invariants"),
        "remind-of-requests": every(600, "campaigns.tasks.remind_of_requests"),
        "tally-tests": every(60, "assessments.tasks.tally"),
        "snapshots": every(3600, "assessments.tasks.freeze_snapshots"),
        "purge-tests": every(3600, "assessments.tasks.purge"),
        "purge-mail": every(3600, "campaigns.tasks.purge"),
        "purge-slowly": every(24 * 3600, "campaigns.tasks.purge_slowly"),
        "forget-logins": every(3600, "pmoportal.tasks.forget_logins"),
        "leads": every(300, "leads.tasks.refresh_stale_leads"),
        "hooks": every(30, "leads.tasks.tell_hooks"),
        "purge-integrations": every(3600, "leads.tasks.purge_integrations"),
        "hot-leads": every(60, "leads.tasks.tell_of_grades"),
        "mornings": every(60, "leads.tasks.tell_mornings"),
        "silent-leads": every(600, "leads.tasks.resume_silent"),
        "lead-invariants": every(600, "leads.tasks.check_lead_invariants"),
        "lead-refusals": every(86_400, "leads.tasks.forget_refusals"),
    },
    beat_schedule_filename=str(settings.VAR_DIR / "beat-schedule"),
    beat_max_loop_interval=min(5, SWEEP_SECONDS),
    timezone="UTC",
    enable_utc=True,
    # What a message may be.
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    result_backend=None,
    # Once, or not at all: late acknowledgement would only add second runs.
    task_acks_late=False,
    task_reject_on_worker_lost=False,
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,
    worker_eta_task_limit=100,
    task_default_retry_delay=30,
    # A task killed in mid-SMTP leaves a message nobody can judge, so killing is a last resort.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # SIGTERM ends a worker as soon as its tasks are done, whoever stops it sets the limit. Not
    # REMAP_SIGTERM=SIGQUIT: with any task at work that sleeps this whole time (celery 5.7.0).
    worker_soft_shutdown_timeout=90,
    worker_enable_soft_shutdown_on_idle=False,
    task_soft_time_limit=240,
    task_time_limit=300,
    worker_max_tasks_per_child=1000,
    worker_max_memory_per_child=300_000,
    # The broker may come and go.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_pool_acquire_timeout=2,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
    broker_transport_options=get_transport_options("web"),
    result_backend_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT},
    visibility_timeout=VISIBILITY_TIMEOUT,  # all three, or it is ignored (celery#7651)
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    task_send_sent_event=False,
)
app.autodiscover_tasks()


@celeryd_init.connect
def prepare_worker(*, conf: Any, **_: Any) -> None:
    from pmoportal.checks import refuse_unfit_production  # noqa: PLC0415  # needs loaded apps

    refuse_unfit_production()
    conf.broker_transport_options = get_transport_options("worker")


@beat_init.connect
def prepare_beat(**_: Any) -> None:
    from pmoportal.checks import refuse_unfit_production  # noqa: PLC0415  # needs loaded apps

    refuse_unfit_production()


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Being connected is enough: Celery then leaves Django's logging as it is."""
