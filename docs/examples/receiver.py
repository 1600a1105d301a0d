"""Receives webhooks from PMO-portalen and checks that they are genuine. Python alone will do.

WEBHOOK_SECRET=whsec_… python3 receiver.py 9000
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
TOLERANCE = 5 * 60  # seconds: an older message is a replay
LARGEST = 100_000  # bytes
seen = set()  # in real life a table: a message may come more than once


def is_genuine(message_id, timestamp, signatures, body):
    said = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, said, hashlib.sha256).digest()).decode()
    is_fresh = timestamp.isdigit() and abs(time.time() - int(timestamp)) <= TOLERANCE
    # There are several signatures while the secret is being changed: one must fit.
    fits = [hmac.compare_digest(f"v1,{expected}", each) for each in signatures.split(" ")]
    return is_fresh and any(fits)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > LARGEST:
            return self.answer(413)
        body = self.rfile.read(length)
        message_id = self.headers.get("webhook-id", "")
        timestamp = self.headers.get("webhook-timestamp", "")
        signatures = self.headers.get("webhook-signature", "")
        if not is_genuine(message_id, timestamp, signatures, body):
            return self.answer(401)
        if message_id not in seen:
            seen.add(message_id)
            self.take(json.loads(body))
        return self.answer(204)  # anything but 2xx, and it comes again

    def take(self, event):
        """What your system does with it. Be quick, or do it afterwards: we wait five seconds."""
        print(event["type"], json.dumps(event["data"]), flush=True)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print("listening on", server.server_address[1], flush=True)
    server.serve_forever()
