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

from bot.domain.errors import PlatformError, RateLimitedError, UnreachableError


class SlackError(PlatformError):
    """Slack refused or failed."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class MessageGoneError(SlackError):
    """The message is not there any more, or not ours to edit."""


class ChannelClosedError(SlackError):
    """Nothing of ours can be posted in this channel."""


class NotInstalledError(SlackError):
    """There is no token for this workspace that Slack takes."""


UNINSTALLED = (
    "Slack takes no token of Accord's for this workspace any more. Ask an admin to install the app again."
)
UNREADABLE = "Slack does not answer as it should. It is tried again."
DEFAULT_WAIT_S = 30.0

_GONE = "The message was deleted or can no longer be edited. It is posted anew."
_KINDS: tuple[tuple[type[SlackError], frozenset[str], str], ...] = (
    (
        MessageGoneError,
        frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}),
        _GONE,
    ),
    (
        ChannelClosedError,
        frozenset({"not_in_channel", "channel_not_found"}),
        "Accord is not in this channel. Invite it there with /invite and the app's name, then try again.",
    ),
    (
        ChannelClosedError,
        frozenset({"is_archived", "is_inactive"}),
        "This channel is archived. Unarchive it, or ask in another channel.",
    ),
    (
        ChannelClosedError,
        frozenset({"restricted_action", "restricted_action_read_only_channel", "no_permission"}),
        "This channel does not let apps post. Ask a workspace admin, or use another channel.",
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
        UNINSTALLED,
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
        wait = _wait_s(error)
        return RateLimitedError("Slack asks to wait before the next message.", retry_after_s=wait)
    for kind, codes, sentence in _KINDS:
        if code in codes:
            return kind(sentence, code)
    if code == "messages_tab_disabled":
        return UnreachableError(
            "Messages to people are switched off in the Slack app. Switch the Messages Tab on under App Home "
            "on api.slack.com/apps."
        )
    if code in _NOBODY:
        return UnreachableError("This person has left the workspace or takes no messages from apps.")
    return SlackError(_sentence(code, error), code)


def _sentence(code: str, error: SlackApiError) -> str:
    if code == "missing_scope":
        needed = _field(error, "needed") or "another one"
        return (
            f"The Slack app lacks a permission: {needed}. Add it under OAuth & Permissions on api.slack.com/"
            "apps and install the app again."
        )
    if code in _EXPIRED:
        return "Slack waits three seconds only for a window to open, and it came too late. Click again."
    if not code:
        return UNREADABLE
    return f"Slack refused this ({code})."


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
