"""How fast mails reach a provider's API: batches, single mails at once, and anymail alone.

Run as a program: `make bench-providers`. The provider is a process of its own on loopback that
answers at once, so this is what our side costs; a real one adds its own time to every call. Exit
status 1 when a goal is missed.
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from django.conf import settings

from benchmarks.report import describe_machine, keep
from campaigns.transport import Accepted, Mail, Parcel, Transport
from pmoportal.mail_url import MailServer

GOAL_BATCH = 1_000
GOAL_PLAIN = 250
ROUNDS = 3
CALL = 500
POSTMARK = MailServer(kind="provider", provider="postmark")
RESEND = MailServer(kind="provider", provider="resend")


@dataclass(frozen=True, kw_only=True)
class Way:
    name: str
    send: Callable[[list[Parcel]], None]
    goal: int = 0
    is_per_core: bool = False


@dataclass(frozen=True, kw_only=True)
class Result:
    way: Way
    rate: float
    cpu: float

    @property
    def is_met(self) -> bool:
        return (1_000 / self.cpu if self.way.is_per_core else self.rate) >= self.way.goal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2_000)
    options = parser.parse_args()
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}/"
    settings.configure(
        ANYMAIL={
            "POSTMARK_SERVER_TOKEN": "x",
            "POSTMARK_API_URL": url,
            "RESEND_API_KEY": "x",
            "RESEND_API_URL": url,
        }
    )
    results = [measure(way, options.mails) for way in get_ways()]
    server.terminate()
    table = build_table(results)
    print(table)
    keep("providers", build_section(table))
    missed = [result.way.name for result in results if not result.is_met]
    print(f"Missed: {', '.join(missed)}" if missed else "Every goal is met.")
    return 1 if missed else 0


def get_ways() -> list[Way]:
    from campaigns.transport.batches import BatchTransport
    from campaigns.transport.provider import ProviderTransport

    return [
        Way(
            name="Postmark, batches of 500",
            send=through(BatchTransport(email=POSTMARK)),
            goal=GOAL_BATCH,
        ),
        Way(
            name="Resend, batches of 100 (`?batch=yes`)",
            send=through(BatchTransport(email=RESEND)),
            goal=GOAL_BATCH,
        ),
        Way(
            name="Resend, one by one with keys, 4 connections",
            send=through(ProviderTransport(email=RESEND, connections=4)),
            goal=GOAL_PLAIN,
            is_per_core=True,
        ),
        Way(
            name="any provider (Postmark's API), 1 connection",
            send=through(ProviderTransport(email=POSTMARK, connections=1)),
            goal=GOAL_PLAIN,
            is_per_core=True,
        ),
        Way(
            name="any provider (Postmark's API), 4 connections",
            send=through(ProviderTransport(email=POSTMARK, connections=4)),
            goal=GOAL_PLAIN,
            is_per_core=True,
        ),
        Way(name="anymail alone: a loop over its backend", send=send_by_anymail),
    ]


def through(transport: Transport) -> Callable[[list[Parcel]], None]:
    """By calls of CALL mails, as the sender makes them."""

    def send(parcels: list[Parcel]) -> None:
        for start in range(0, len(parcels), CALL):
            transport.send(parcels=parcels[start : start + CALL], is_over=lambda: False)

    return send


def send_by_anymail(parcels: list[Parcel]) -> None:
    from django.core.mail import EmailMultiAlternatives, get_connection

    backend = get_connection(POSTMARK.backend)
    backend.open()
    for parcel in parcels:
        mail = parcel.mail
        headers = {name: value for name, value in mail.headers.items() if name != "From"}
        message = EmailMultiAlternatives(
            mail.subject, mail.text, mail.headers["From"], [mail.to], headers=headers
        )
        message.attach_alternative(mail.html, "text/html")
        if backend.send_messages([message]):
            parcel.outcome = Accepted(evidence="")
    backend.close()


def measure(way: Way, count: int) -> Result:
    """The median of several rounds. Raises RuntimeError when a mail was not accepted."""
    way.send(make_parcels(CALL))  # everything imported, every connection made
    rates, costs = [], []
    for _ in range(ROUNDS):
        parcels = make_parcels(count)
        started, began = time.perf_counter(), time.process_time()
        way.send(parcels)
        rates.append(count / (time.perf_counter() - started))
        costs.append(1_000 * (time.process_time() - began) / count)
        if bad := [each for each in parcels if not isinstance(each.outcome, Accepted)]:
            raise RuntimeError(f"{way.name}: {len(bad)} not accepted, {bad[0].outcome}")
    return Result(way=way, rate=statistics.median(rates), cpu=statistics.median(costs))


def make_parcels(count: int) -> list[Parcel]:
    """Mails of the size of ours: about 2 kB of text and 10 kB of HTML."""
    text = "Ett råd om projektkontoret.\n" * 70
    html = "<p style='margin: 0 0 16px'>Ett råd om projektkontoret.</p>\n" * 160
    return [Parcel(mail=make_mail(number, text, html)) for number in range(count)]


def make_mail(number: int, text: str, html: str) -> Mail:
    name = f"<019309ab-0000-7000-8000-{number:012d}@example.com>"
    return Mail(
        message_id=name,
        envelope_from="pmo@example.com",
        to=f"person{number}@example.se",
        raw=b"",
        subject="Ett råd i veckan",
        text=text,
        html=html,
        headers={
            "From": "PMO-testet <pmo@example.com>",
            "Message-ID": name,
            "List-Id": "PMO-testet <tips.example.com>",
            "List-Unsubscribe": f"<https://example.com/m/unsubscribe/{number}/>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def build_table(results: list[Result]) -> str:
    lines = [
        "| way | mails/s | CPU s per 1,000 | mails per CPU second | goal |",
        "|---|---|---|---|---|",
    ]
    for each in results:
        goal = f"{each.way.goal:,}/s" if each.way.goal else "–"
        goal += " per core" if each.way.is_per_core else ""
        lines.append(
            f"| {each.way.name} | {each.rate:,.0f} | {each.cpu:.2f} | {1_000 / each.cpu:,.0f} "
            f"| {goal} |"
        )
    return "\n".join(lines)


def build_section(table: str) -> str:
    return f"""\
## Mails to a provider's API

`make bench-providers`: {describe_machine()}. The provider is a process of its own on the same
machine and answers at once; CPU is that of our process. Mails of 12 kB, {CALL} to a call of the
transport. Threads share one interpreter, so more connections are for a provider's time to
answer, which is none here: with 100 ms an answer, one connection is below 10 mails/s.

{table}
"""


# The provider


def serve(pipe: Connection) -> None:
    asyncio.run(answer_for_ever(pipe))


async def answer_for_ever(pipe: Connection) -> None:
    server = await asyncio.start_server(answer_calls, "127.0.0.1", 0, limit=2**26)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def answer_calls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Calls on one connection, until it is closed."""
    while True:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        except asyncio.IncompleteReadError:
            break
        size = int(head.partition("content-length:")[2].split("\r\n")[0])
        body = json.dumps(build_answer(json.loads(await reader.readexactly(size)))).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
    writer.close()


def build_answer(said: Any) -> Any:
    """As Postmark or Resend would, to one mail or many."""
    if isinstance(said, list):
        answers = [build_answer(each) for each in said]
        return answers if "ErrorCode" in answers[0] else {"data": answers}
    if "To" in said:
        return {"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": said["To"]}
    return {"id": "re-1"}


if __name__ == "__main__":
    sys.exit(main())
