"""Routes about polls: who voted, and ending one early."""

from tests.discord_server.errors import refused
from tests.discord_server.rest import Call, route
from tests.discord_server.routes_reactions import page
from tests.discord_server.state import Json


@route("GET", "/channels/{channel}/polls/{message}/answers/{answer}")
def voters(call: Call) -> Json:
    """Who voted for an answer, by id, a page at a time."""
    poll = call.message().poll
    if poll is None or call.id("answer") not in poll.answers:
        raise refused(10102)
    return {"users": [call.wire.user(person) for person in page(call, poll.votes.get(call.id("answer"), []))]}


@route("POST", "/channels/{channel}/polls/{message}/expire")
def expire(call: Call) -> Json:
    """End one of the bot's own polls now."""
    message = call.message()
    if message.poll is None:
        raise refused(520006)
    if message.author is not call.state.bot:
        raise refused(50005)
    if call.wire.is_over(message.poll):
        raise refused(520001)
    call.server.end_poll(message)
    return call.wire.message(message)
