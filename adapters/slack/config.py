"""How Slack is reached and who this app is there. Plain data; imports nothing heavy."""

from dataclasses import dataclass

from bot.wording.permissions import LOST_ON_SLACK

API_URL = "https://slack.com/api/"
PLATFORM = "slack"
COMMAND = "/accord"
# What the product needs. The histories: to find a message of ours again after a crash, to read the thread
# that a question is started from, and to answer direct messages.
SCOPES = tuple(sorted(LOST_ON_SLACK))
# Without these nothing works; without the others something is left out, and said so.
NEEDED_SCOPES = frozenset({"chat:write", "commands", "im:write", "users:read", "channels:read"})
EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"


@dataclass(frozen=True)
class SlackConfig:
    """Settings of the Slack channel.

    secret: encrypts the tokens that installations bring. old_secrets: former ones, newest first, which still
        decrypt.
    bot_token: of the one workspace; without it each workspace brings its own by installing the app.
    app_token: switches Socket Mode on. signing_secret: switches HTTP mode on.
    base_url: where Slack and browsers reach this gateway over HTTP; None without a public address.
    api_url: another server instead of Slack's own.
    """

    secret: str
    old_secrets: tuple[str, ...] = ()
    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_url: str = API_URL
    base_url: str = ""

    @property
    def installs(self) -> bool:
        """Whether workspaces can install the app themselves."""
        return bool(self.client_id and self.client_secret and not self.bot_token)

    @property
    def configured(self) -> bool:
        """Whether there is anything of Slack at all."""
        return bool(self.bot_token or self.installs)

    def problem(self) -> str | None:
        """What is missing for what was begun, in one sentence; None when all is well or nothing is set."""
        return self._wrong_kind() or self._half_done()

    def _wrong_kind(self) -> str | None:
        """A token in the other one's place is the most common mistake."""
        if self.bot_token and not self.bot_token.startswith("xoxb-"):
            return (
                "SLACK_BOT_TOKEN is no bot token: those begin with xoxb- and are under OAuth & Permissions "
                "on api.slack.com/apps."
            )
        if self.app_token and not self.app_token.startswith("xapp-"):
            return (
                "SLACK_APP_TOKEN is no app-level token: those begin with xapp- and are under Basic "
                "Information on api.slack.com/apps."
            )
        return None

    def _half_done(self) -> str | None:
        if bool(self.client_id) != bool(self.client_secret):
            return "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together: one of them is missing."
        if self.configured and not (self.app_token or self.signing_secret):
            return (
                "SLACK_APP_TOKEN is missing (Socket Mode), and SLACK_SIGNING_SECRET too (HTTP mode): Slack "
                "needs one of them. Basic Information on api.slack.com/apps has both."
            )
        if not self.configured and (self.app_token or self.signing_secret):
            return (
                "SLACK_BOT_TOKEN is missing: it is under OAuth & Permissions on api.slack.com/apps, once "
                "the app is installed in your workspace."
            )
        if self.installs and not (self.base_url and self.signing_secret):
            return (
                "For workspaces to install the app, set ACCORD_BASE_URL to this gateway's public address, "
                "and SLACK_SIGNING_SECRET."
            )
        return None

    @property
    def api(self) -> str:
        """The Web API's address, with the slash that the SDK wants at its end."""
        return self.api_url.rstrip("/") + "/"
