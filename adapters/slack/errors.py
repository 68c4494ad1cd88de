"""What Slack refuses, as sentences that say what to do.

PlatformError
├── RateLimitedError                  429, with the time to wait
├── UnreachableError                  this one person cannot be written to
└── SlackError                        any other refusal; `code` is Slack's own word for it
    ├── MessageGoneError              the message was deleted, or can no longer be edited
    ├── ChannelClosedError            we are not in the channel, or it is archived or gone
    └── NotInstalledError             this workspace has not installed the app, or took its token back

Messages never quote what was sent or a token.
"""

from slack_sdk.errors import SlackApiError

from bot.domain import errors
from bot.domain.errors import PlatformError, RateLimitedError, UnreachableError
from bot.wording import troubles


class SlackError(PlatformError):
    """Slack refused or failed."""

    def __init__(self, sentence: str, code: str = "", **places: object) -> None:
        super().__init__(sentence, **places)
        self.code = self.reason = code


class MessageGoneError(SlackError, errors.MessageGoneError):
    """The message is not there any more, or not ours to edit."""


class ChannelClosedError(SlackError):
    """Nothing of ours can be posted in this channel."""


class NotInstalledError(SlackError):
    """There is no token for this workspace that Slack takes."""


DEFAULT_WAIT_S = 30.0

_KINDS: tuple[tuple[type[SlackError], frozenset[str], str], ...] = (
    (
        MessageGoneError,
        frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}),
        troubles.MESSAGE_GONE,
    ),
    (
        ChannelClosedError,
        frozenset({"not_in_channel", "channel_not_found"}),
        troubles.NOT_IN_CHANNEL,
    ),
    (
        ChannelClosedError,
        frozenset({"is_archived", "is_inactive"}),
        troubles.CHANNEL_ARCHIVED,
    ),
    (
        ChannelClosedError,
        frozenset({"restricted_action", "restricted_action_read_only_channel", "no_permission"}),
        troubles.NO_APPS,
    ),
    (
        NotInstalledError,
        frozenset(
            {
                "token_revoked",
                "token_expired",
                "account_inactive",
                "invalid_auth",
                "not_authed",
                "team_not_found",
                "team_access_not_granted",
            }
        ),
        troubles.UNINSTALLED,
    ),
)
_NOBODY = frozenset(
    {"user_not_found", "user_disabled", "users_not_found", "cannot_dm_bot", "user_not_visible"}
)
_EXPIRED = frozenset({"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged"})


def from_slack(error: SlackApiError) -> PlatformError:
    """Our error for one of the SDK's."""
    response = error.response
    status = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    code = _code(error)
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return asks_to_wait(_wait_s(error))
    for kind, codes, sentence in _KINDS:
        if code in codes:
            return kind(sentence, code)
    if code == "messages_tab_disabled":
        return UnreachableError(troubles.MESSAGES_OFF)
    if code in _NOBODY:
        return UnreachableError(troubles.LEFT_WORKSPACE)
    if code == "missing_scope":
        needed = _field(error, "needed") or troubles.ANOTHER_PERMISSION
        return SlackError(troubles.LACKS_PERMISSION, code, needed=needed)
    if code in _EXPIRED:
        return SlackError(troubles.CLICK_AGAIN, code)
    return SlackError(troubles.REFUSED, code, platform="Slack", reason=code) if code else unreadable()


def unreadable() -> SlackError:
    """Slack gave no answer, or one that cannot be read."""
    error = SlackError(troubles.SILENT, platform="Slack")
    error.outage = "Slack"
    return error


def asks_to_wait(for_s: float) -> RateLimitedError:
    """Slack takes no more for so many seconds."""
    return RateLimitedError(troubles.ASKS_TO_WAIT, retry_after_s=for_s, platform="Slack")


def _code(error: SlackApiError) -> str:
    code = _field(error, "error")
    # Only a plain word is passed on: anything else might quote something.
    return code if code.replace("_", "").isalnum() and len(code) < 80 else ""


def _field(error: SlackApiError, name: str) -> str:
    data = getattr(error.response, "data", None)
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _wait_s(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    try:
        return max(0.0, float(found)) if found is not None else DEFAULT_WAIT_S
    except ValueError:
        return DEFAULT_WAIT_S
