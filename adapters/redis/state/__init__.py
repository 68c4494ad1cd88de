"""Every port of `bot.service.ports.state` over one server.

deliberations  documents, teams' lists, markers    due      which deliberations may be due
contributions  opinions, ratings, baselines        shelves  where each kind of these is kept, and when
encodings      what was made of opinions           wishes   what members wish for themselves
points         to vote on, votes and their counts
mediations     and what a study has rated          upkeep   workers, models, the server's files
teams          settings and wishes                 webhooks  and what is on its way to them
"""

from adapters.redis.connection import Client
from adapters.redis.state.contributions import RedisContributions
from adapters.redis.state.deliberations import RedisDeliberations
from adapters.redis.state.encodings import RedisEncodings
from adapters.redis.state.mediations import RedisMediations
from adapters.redis.state.points import RedisPoints
from adapters.redis.state.teams import RedisTeams
from adapters.redis.state.upkeep import RedisUpkeep
from adapters.redis.state.webhooks import RedisWebhooks
from bot.service.ports.state import StatePorts


def redis_state(client: Client) -> StatePorts:
    """As fields of `Ports`."""
    return StatePorts(
        deliberations=RedisDeliberations(client),
        contributions=RedisContributions(client),
        encodings=RedisEncodings(client),
        points=RedisPoints(client),
        mediations=RedisMediations(client),
        teams=RedisTeams(client),
        upkeep=RedisUpkeep(client),
        webhooks=RedisWebhooks(client),
    )
