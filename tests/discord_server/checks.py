"""What Discord accepts in a message: text, embeds, mentions, poll.

Reads:  bodies of requests as they came.
Raises: ApiError 50035 with the tree of errors, 50006 for a message without anything.
Components have a module of their own (`check_components.py`), and so have commands (`check_commands.py`).
"""

from typing import Any

from tests.discord_server import limits_of_discord as most
from tests.discord_server.check_components import check_components
from tests.discord_server.errors import Mistakes, Path, refused
from tests.discord_server.state import LAYOUT, Json

_EMBED_TEXTS = {"title": most.EMBED_TITLE, "description": most.EMBED_DESCRIPTION}
_MENTION_KINDS = frozenset({"roles", "users", "everyone"})


def check_message(body: Json, *, files: int = 0, at: Path = (), sent: bool = True) -> None:
    """Refuse a message body that breaks a limit; `sent` is false for an edit, which may be empty."""
    wrong = Mistakes()
    layout = bool((body.get("flags") or 0) & LAYOUT)
    if layout:
        _check_layout_alone(wrong, body, at)
    wrong.text((*at, "content"), body.get("content"), most.CONTENT)
    wrong.text((*at, "nonce"), None if body.get("nonce") is None else str(body["nonce"]), most.NONCE)
    _check_embeds(wrong, body.get("embeds") or [], (*at, "embeds"))
    check_components(wrong, body.get("components") or [], (*at, "components"), layout=layout)
    _check_mentions(wrong, body.get("allowed_mentions"), (*at, "allowed_mentions"))
    if body.get("poll"):
        check_poll(wrong, body["poll"], (*at, "poll"))
    wrong.count((*at, "attachments"), body.get("attachments") or [], 0, most.ATTACHMENTS)
    wrong.check()
    carried = ("content", "embeds", "components", "poll", "sticker_ids")
    if sent and not files and not any(_is_something(body.get(key)) for key in carried):
        raise refused(50006)


def _is_something(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _check_layout_alone(wrong: Mistakes, body: Json, at: Path) -> None:
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(key):
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            wrong.add(
                (*at, key), code, f"The '{key}' field cannot be used with MessageFlags.IS_COMPONENTS_V2"
            )


def _check_embeds(wrong: Mistakes, embeds: Any, at: Path) -> None:
    total = 0
    for number, embed in enumerate(wrong.count(at, embeds, 0, most.EMBEDS)):
        total += _check_embed(wrong, embed, (*at, number))
    if total > most.EMBED_TOTAL:
        wrong.add(at, "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {most.EMBED_TOTAL}")


def _check_embed(wrong: Mistakes, embed: Json, at: Path) -> int:
    """Check one embed; gives how many characters it holds."""
    for key, limit in _EMBED_TEXTS.items():
        wrong.text((*at, key), embed.get(key), limit)
    texts = [embed.get(key) or "" for key in _EMBED_TEXTS]
    for number, field in enumerate(
        wrong.count((*at, "fields"), embed.get("fields") or [], 0, most.EMBED_FIELDS)
    ):
        wrong.text((*at, "fields", number, "name"), field.get("name"), most.EMBED_FIELD_NAME, required=True)
        wrong.text(
            (*at, "fields", number, "value"), field.get("value"), most.EMBED_FIELD_VALUE, required=True
        )
        texts += [field.get("name") or "", field.get("value") or ""]
    for key, part, limit in (("footer", "text", most.EMBED_FOOTER), ("author", "name", most.EMBED_AUTHOR)):
        inner = embed.get(key) or {}
        wrong.text((*at, key, part), inner.get(part), limit, required=bool(inner))
        texts.append(inner.get(part) or "")
    return sum(len(text) for text in texts)


def _check_mentions(wrong: Mistakes, allowed: Any, at: Path) -> None:
    if allowed is None:
        return
    for number, kind in enumerate(allowed.get("parse") or []):
        wrong.choice((*at, "parse", number), kind, _MENTION_KINDS)
    for kind in ("users", "roles"):
        listed = wrong.count((*at, kind), allowed.get(kind) or [], 0, most.MENTIONS)
        if listed and kind in (allowed.get("parse") or []):
            message = f'parse:["{kind}"] and {kind}:[ids...] are mutually exclusive.'
            wrong.add(at, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def check_poll(wrong: Mistakes, poll: Json, at: Path) -> None:
    """A poll: question, answers, duration."""
    question = (poll.get("question") or {}).get("text")
    wrong.text((*at, "question", "text"), question, most.POLL_QUESTION, least=1, required=True)
    answers = wrong.count((*at, "answers"), poll.get("answers") or [], 1, most.POLL_ANSWERS)
    for number, answer in enumerate(answers):
        text = (answer.get("poll_media") or {}).get("text")
        place = (*at, "answers", number, "poll_media", "text")
        wrong.text(place, text, most.POLL_ANSWER, least=1, required=True)
    wrong.number((*at, "duration"), poll.get("duration", 24), 1, most.POLL_HOURS)
    wrong.choice((*at, "layout_type"), poll.get("layout_type", 1), {1})
