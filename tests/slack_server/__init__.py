"""A loopback Slack for tests: Web API, Socket Mode and HTTP events, with members as puppets.

async with SlackServer() as slack:
    ann = slack.user("ann")
    room = slack.channel("general", ann)
    … start the app with slack.api_url, slack.app.app_token, slack.bot_token() …
    await slack.connected()
    await ann.command("/accord ask", room)
    modal = await ann.sees_modal()
    await ann.submit(modal, {"question": "Why?"})
"""

from tests.slack_server.block_kit import check_blocks, check_view, texts_of
from tests.slack_server.delivery import Delivery, Redelivery
from tests.slack_server.elements import CannotDoError
from tests.slack_server.http_mode import HttpMode, signature
from tests.slack_server.people import User
from tests.slack_server.server import SlackServer
from tests.slack_server.state import AppIdentity, Channel, Message, Person, Team, View

__all__ = [
    "AppIdentity",
    "CannotDoError",
    "Channel",
    "Delivery",
    "HttpMode",
    "Message",
    "Person",
    "Redelivery",
    "SlackServer",
    "Team",
    "User",
    "View",
    "check_blocks",
    "check_view",
    "signature",
    "texts_of",
]
