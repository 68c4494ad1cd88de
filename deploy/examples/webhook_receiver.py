"""A receiver for Accord's webhooks: checks each delivery and prints what happened. Needs Python alone.

    ACCORD_WEBHOOK_SECRET=whsec_… python webhook_receiver.py 9000

Put it behind https and add its address with `accord webhook add`.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300
BODY_LIMIT = 1_000_000


def is_from_accord(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether the body was signed with the secret, and sent within the last five minutes."""
    headers = {name.lower(): value for name, value in headers.items()}
    sent_at = headers.get("webhook-timestamp", "")
    if not sent_at.isdigit() or abs(now - int(sent_at)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id', '')}.{sent_at}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(each.encode(), expected.encode()) for each in given)


class Receiver(BaseHTTPRequestHandler):
    """Answers at once; the same event may come twice, so a real one would look at its id."""

    def do_POST(self) -> None:
        """Take one delivery."""
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(min(length, BODY_LIMIT))
        known = is_from_accord(os.environ["ACCORD_WEBHOOK_SECRET"], dict(self.headers), body, time.time())
        self.send_response(204 if known else 401)
        self.end_headers()
        if known:
            event = json.loads(body)
            print(event["type"], event["data"]["question"], event["data"].get("statement") or "", flush=True)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
