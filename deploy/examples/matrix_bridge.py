"""One question in a Matrix room; people answer and rate in a direct chat with the bridge.

    ACCORD_URL=… ACCORD_TOKEN=… MATRIX_URL=https://matrix.example.org MATRIX_TOKEN=… \
        MATRIX_USER=@accord:example.org python matrix_bridge.py QUESTION_ID '!room:example.org'

The Accord token needs the scopes questions:read, take-part and results:read. Without encryption.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from accord_api import RefusedError, call, nameless

HELP = "1 to 7 rates the statement; “withdraw” takes your opinion back, “forget me” deletes everything."


class Bridge:
    """Carries on where it stopped: what it has read and announced is kept in a file."""

    def __init__(self, question: str, room: str, state: Path, environment: Any = os.environ) -> None:
        self._question, self._room, self._file = question, room, state
        self._accord = environment["ACCORD_URL"] + "/api/v1", environment["ACCORD_TOKEN"]
        self._matrix = environment["MATRIX_URL"] + "/_matrix/client/v3", environment["MATRIX_TOKEN"]
        self._user = environment["MATRIX_USER"]
        self._kept = json.loads(state.read_text()) if state.exists() else {"asks": {}, "shown": []}

    def step(self, timeout_s: int = 30) -> None:
        """Read once what came, answer it, and say in the room how far the question has got."""
        self._announce(self._shown())
        query = urlencode({"timeout": timeout_s * 1000, "since": self._kept.get("since", "")})
        came = call(*self._matrix, "GET", f"/sync?{query}")
        for room in came.get("rooms", {}).get("invite", {}):
            call(*self._matrix, "POST", f"/rooms/{quote(room)}/join", {})
            self._show_first(room)
        for room, news in came.get("rooms", {}).get("join", {}).items():
            for event in news["timeline"]["events"] if room != self._room else ():
                if event["type"] == "m.room.message" and event["sender"] != self._user:
                    known = room in self._kept["shown"]
                    self._say(room, self._done(event)) if known else self._show_first(room)
        self._kept["since"] = came["next_batch"]
        self._file.write_text(json.dumps(self._kept))

    def _announce(self, question: dict[str, Any]) -> None:
        told, self._kept["told"] = self._kept.get("told"), f"{question['phase']} {question['round']}"
        if told != self._kept["told"] and question["phase"] == "opinions":
            self._say(self._room, f"{question['question']}\n\nStart a direct chat with me to answer.")
        elif told != self._kept["told"] and question["phase"] == "rating":
            found = self._shown("/statement")
            self._say(self._room, f"{found['text']}\n\n{found['made']} {found['leaves_open']}\n\n{HELP}")

    def _show_first(self, room: str) -> None:
        """What people are told before they write; what they wrote before that is not passed on."""
        said = (question := self._shown())["before_you_write"]
        lines = [question["question"], question["context"], *said["opinion"], said["rating"], HELP]
        self._say(room, "\n\n".join(lines))
        self._kept["shown"].append(room)

    def _done(self, event: dict[str, Any]) -> str:
        """What comes of a message; a copy of it does nothing new."""
        text, sender = event["content"].get("body", "").strip(), event["sender"]
        person, key = nameless(sender), nameless(event["event_id"])
        path = f"/questions/{self._question}/participants/{person}"
        asked = self._kept["asks"].pop(sender, None)
        try:
            if text.lower() == "yes" and asked:
                return self._do("DELETE", f"{asked}?sure=yes", key=key)
            if text.lower() in ("withdraw", "forget me"):  # refused without `sure`, with what to ask
                gone = f"{path}/opinion" if text.lower() == "withdraw" else f"/participants/{person}"
                self._kept["asks"][sender] = gone
                return self._do("DELETE", gone)
            question = self._shown()
            if text in tuple("1234567") and question["phase"] == "rating":
                body = {"value": int(text), "round": question["round"]}
                return self._do("PUT", f"{path}/rating", body, key)
            opinion = {"text": text, "edition": question["edition"], "name": sender[1:].split(":")[0]}
            return self._do("PUT", f"{path}/opinion", opinion, key)
        except RefusedError as refused:
            return f"{refused} (Write “yes” to go on.)" if sender in self._kept["asks"] else str(refused)

    def _shown(self, part: str = "") -> Any:
        return call(*self._accord, "GET", f"/questions/{self._question}{part}")

    def _do(self, method: str, path: str, body: Any = None, key: str = "") -> str:
        answer = call(*self._accord, method, path, body, key=key)
        return f"{answer['said']}\n\n{answer['given_back'] or ''}".strip()

    def _say(self, room: str, text: str) -> None:
        once = f"m.room.message/{nameless(room + text + self._kept.get('since', ''))}"
        call(*self._matrix, "PUT", f"/rooms/{quote(room)}/send/{once}", {"msgtype": "m.notice", "body": text})


if __name__ == "__main__":
    bridge = Bridge(sys.argv[1], sys.argv[2], Path("matrix_bridge.json"))
    while True:
        bridge.step()
