"""A loopback Discord for tests: REST API and gateway, with members as puppets.

async with DiscordServer() as discord:
    ann = discord.member("ann")
    room = discord.first_channel()
    … start the app with discord.api_url, discord.gateway_url, discord.app.token …
    await discord.connected()
    asked = await ann.command("accord ask", room)
    await ann.submit(asked.modal, {"question": "Why?"})
"""

from tests.discord_server.errors import ApiError, CannotDoError
from tests.discord_server.people import Member
from tests.discord_server.rest import Upload
from tests.discord_server.server import DiscordServer
from tests.discord_server.state import (
    AppIdentity,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Message,
    Modal,
    Person,
    Poll,
    Role,
    texts_of,
)

__all__ = [
    "ApiError",
    "AppIdentity",
    "Attachment",
    "CannotDoError",
    "Channel",
    "DiscordServer",
    "Guild",
    "Interaction",
    "Member",
    "Message",
    "Modal",
    "Person",
    "Poll",
    "Role",
    "Upload",
    "texts_of",
]
