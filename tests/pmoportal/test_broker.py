"""What is left of a connection whose broker died."""

from pathlib import Path

from kombu import Consumer, Queue
from kombu.message import Message

from pmoportal.celery import app
from tests.broker import Broker


def test_a_connection_whose_broker_died_with_a_hint_unacknowledged_can_be_closed(
    tmp_path: Path,
) -> None:
    queue = Queue("hints", routing_key="hints")
    taken: list[Message] = []
    with Broker(tmp_path) as broker:
        connection = app.connection_for_read(broker.url)
        connection.Producer().publish({}, routing_key="hints", declare=[queue])
        Consumer(connection, queues=[queue], on_message=taken.append).consume()
        connection.drain_events(timeout=5)
        assert len(taken) == 1
        broker.kill()
        # What a worker does that has lost its broker; it once died of it.
        connection.collect(socket_timeout=1)
        connection.close()
