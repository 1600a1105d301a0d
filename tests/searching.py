"""Where a word is to be found: in any column of any table, in any key of Valkey, in any file."""

import base64
import hashlib
from collections.abc import Collection, Iterable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.db import connection
from redis import Redis

TABLES = """
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
"""

SEARCH = """
    WITH texts AS MATERIALIZED (SELECT lower(row::text) AS text FROM {} AS row)
    SELECT DISTINCT trace FROM texts, unnest(%s::text[]) AS trace WHERE strpos(text, trace) > 0
"""


def get_traces(email: str, first_name: str) -> list[str]:
    """The address, its parts, the name, and the hashes that anybody could make of the address."""
    traces = [email, email.partition("@")[0], first_name]
    for text in (email, email.upper(), email.partition("@")[0]):
        raw = text.encode()
        traces += [hashlib.new(name, raw).hexdigest() for name in ("md5", "sha1", "sha256")]
        traces.append(base64.b64encode(hashlib.sha256(raw).digest()).decode())
        traces.append(base64.b64encode(raw).decode().rstrip("="))
    return [trace.lower() for trace in traces]


def search_tables(traces: Collection[str]) -> list[str]:
    """`table: trace`, whatever column of whatever type it is in."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = cursor.fetchall()
        found = []
        for schema, table in tables:
            cursor.execute(SEARCH.format(f'"{schema}"."{table}"'), [list(traces)])
            found += [f"{table}: {trace}" for (trace,) in cursor.fetchall()]
    return found


def search_redis(traces: Iterable[str]) -> list[str]:
    """In every database of both servers, the broker's and the cache's."""
    traces = list(traces)
    return [
        f"{key}: {trace}"
        for url in (settings.CELERY_BROKER_URL, settings.CACHES["default"]["LOCATION"])
        for key, text in _read_server(url)
        for trace in traces
        if trace in text.lower()
    ]


def _read_server(url: str) -> Iterator[tuple[str, str]]:
    url = url.replace("redis+socket:", "unix:").replace("virtual_host", "db")
    client = Redis.from_url(url)
    count = int(client.config_get("databases")["databases"])
    client.close()
    for number in range(count):
        client = Redis.from_url(url)
        client.connection_pool.connection_kwargs["db"] = number
        yield from _read_keys(client)
        client.close()


def _read_keys(client: Redis) -> Iterator[tuple[str, str]]:
    readers = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }
    for key in client.scan_iter():
        yield key.decode(), f"{key!r} {readers[client.type(key)](key)!r}"


def search_files(folder: Path, traces: Iterable[str], *, without: Iterable[str] = ()) -> list[str]:
    """All files below, mails also decoded; `without` are names of folders left out."""
    traces, left_out = list(traces), set(without)
    found = []
    for file in folder.rglob("*"):
        if not file.is_file() or left_out & set(file.relative_to(folder).parts):
            continue
        text = _read(file).lower()
        found += [f"{file.relative_to(folder)}: {trace}" for trace in traces if trace in text]
    return found


def _read(file: Path) -> str:
    raw = file.read_bytes()
    text = raw.decode("utf-8", "replace")
    if file.suffix != ".eml":
        return text
    mail = message_from_bytes(raw, policy=policy.default)
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([text, *map(str, parts), *map(str, mail.values())])
