"""What Discord refuses, as sentences that say what to do.

PlatformError
├── RateLimitedError                  the SDK was asked to wait longer than it may
├── UnreachableError                  this one person cannot be written to
└── DiscordError                      any other refusal; `code` is Discord's own number for it
    ├── MessageGoneError              the message was deleted
    ├── ChannelClosedError            the channel is gone, or nothing of ours can be posted there
    │   ├── NoRepliesError            only replies cannot
    │   └── ThreadArchivedError       the thread has gone to sleep
    └── TokenRefusedError             the token is not taken
QuestionError
└── AdviceError                       refused by this adapter itself, in a sentence with Markdown

Messages never quote what was sent, an address or a token.
Source of the numbers: docs.discord.com/developers/topics/opcodes-and-status-codes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from adapters.discord.config import PLATFORM, PORTAL
from bot.domain import errors
from bot.domain.errors import PlatformError, QuestionError, RateLimitedError, UnreachableError
from bot.ops import metrics
from bot.wording import troubles
from bot.wording.permissions import ON_DISCORD


class DiscordError(PlatformError):
    """Discord refused or failed; `code` is 0 where it said nothing that can be told."""

    def __init__(self, sentence: str, code: int = 0, **places: object) -> None:
        super().__init__(sentence, **places)
        self.code = code
        self.reason = str(code or "")


class MessageGoneError(DiscordError, errors.MessageGoneError):
    """The message is not there any more."""


class ChannelClosedError(DiscordError):
    """Nothing of ours can be posted in this channel."""


class NoRepliesError(ChannelClosedError):
    """Something can be posted in this channel, but not as a reply."""


class ThreadArchivedError(ChannelClosedError):
    """The thread is archived: nothing in it can be changed until it is opened again."""


class TokenRefusedError(DiscordError):
    """Discord does not take the token."""


class AdviceError(QuestionError):
    """Something was not done. The sentence is Markdown of ours: a time, a command; it quotes nobody."""


# As Discord's settings show them in English.
PERMISSIONS = ", ".join(called for called, _ in ON_DISCORD.values())
_SENTENCES: dict[int, tuple[type[DiscordError], str]] = {
    10003: (ChannelClosedError, troubles.CHANNEL_GONE),
    10004: (ChannelClosedError, troubles.NOT_IN_SERVER),
    10008: (MessageGoneError, troubles.MESSAGE_GONE),
    50001: (ChannelClosedError, troubles.NOT_SEEN),
    50083: (ThreadArchivedError, troubles.THREAD_ARCHIVED),
    160002: (NoRepliesError, troubles.NO_HISTORY),
    160005: (ChannelClosedError, troubles.THREAD_LOCKED),
}
_FORBIDDEN = 50013
# Unknown member or user, and somebody who takes no messages from us.
_NOBODY = frozenset({10007, 10013, 50007, 50278})
THREAD_EXISTS = 160004
POLL_ENDED = 520001
EMOJI_UNKNOWN = 10014
INVALID = 50035
# Not permitted, and too large.
NO_FILES = frozenset({_FORBIDDEN, 40005})


@contextmanager
def mapped() -> Iterator[None]:
    """Turns the SDK's errors, raised within, into ours, and counts what came of it."""
    try:
        with _as_ours():
            yield
    except PlatformError as exc:
        metrics.REQUESTS.labels(PLATFORM, _outcome(exc)).inc()
        raise
    metrics.REQUESTS.labels(PLATFORM, "done").inc()


def _outcome(error: PlatformError) -> str:
    if isinstance(error, RateLimitedError):
        return "limited"
    return "unreachable" if isinstance(error, DiscordError) and not error.code else "refused"


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except discord.InteractionResponded:
        # Nothing was asked of Discord: another copy has answered.
        raise
    except discord.RateLimited as exc:
        raise _asks_to_wait(exc.retry_after) from None
    except discord.LoginFailure:
        raise token_refused() from None
    except discord.HTTPException as exc:
        raise from_discord(exc) from None
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError):
        raise _silent() from None


def from_discord(error: discord.HTTPException) -> PlatformError:
    """Our error for one of the SDK's."""
    if error.code in _NOBODY:
        return UnreachableError(troubles.LEFT_SERVER)
    if error.code in _SENTENCES:
        kind, sentence = _SENTENCES[error.code]
        return kind(sentence, error.code)
    if error.status == 401:
        return token_refused()
    if error.code == _FORBIDDEN or error.status == 403:
        return ChannelClosedError(troubles.NOT_ALLOWED, error.code or 403, permissions=PERMISSIONS)
    if error.status == 429:
        return _asks_to_wait(30.0)
    if error.status >= 500:
        return _silent()
    told = str(error.code or error.status)
    return DiscordError(troubles.REFUSED, error.code, platform="Discord", reason=told)


def token_refused() -> DiscordError:
    """Discord does not take the token."""
    return TokenRefusedError(troubles.TOKEN_REFUSED, 401, portal=PORTAL)


def _silent() -> DiscordError:
    error = DiscordError(troubles.SILENT, platform="Discord")
    error.outage = "Discord"
    return error


def _asks_to_wait(for_s: float) -> RateLimitedError:
    return RateLimitedError(troubles.ASKS_TO_WAIT, retry_after_s=for_s, platform="Discord")
