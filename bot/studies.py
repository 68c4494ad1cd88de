"""Beginning a study: the questions of its plan, each for its group.

Reads:  a plan (`engine.study`), and where the groups meet.
Gives:  a deliberation for each sitting; begun twice with the same plan, the same ones again.
Refrains from inviting anybody: links are the web channel's.
"""

from datetime import timedelta

from bot.dispatch import dispatch
from bot.domain.actors import Actor
from bot.domain.commands import PostQuestion
from bot.domain.deliberation import Deliberation
from bot.domain.ratings import ResultsShown, Scale
from bot.domain.study import Study
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.errors import BotError, DomainError
from bot.ports import Ports
from engine.study import Sitting, StudyPlan

FEWEST = 3
"""Opinions without which a question of a study is cancelled: leaving one out must leave two."""
NOT_LEARNING = (
    "This team does not let Accord learn, so no rating of the study would be kept. Switch that on in the "
    "team's settings (accord admin-link), then start the study again."
)


async def start_study(
    plan: StudyPlan, place: tuple[str, str, str], ports: Ports, *, open_for: timedelta
) -> list[tuple[Sitting, Deliberation]]:
    """Post every question of the plan in `place` (team, platform, channel).

    Args:
        open_for: for opinions, and as long again for ratings. A question closes earlier once its whole
            group has answered.

    Raises:
        DomainError: the team keeps no feedback, or a question cannot be posted.
    """
    team = await ports.store.team(place[0])
    if not team.keep_feedback:
        raise DomainError(NOT_LEARNING)
    return [(sitting, await _begun(sitting, plan, team, place, ports, open_for)) for sitting in plan.sittings]


async def _begun(
    sitting: Sitting,
    plan: StudyPlan,
    team: Team,
    place: tuple[str, str, str],
    ports: Ports,
    open_for: timedelta,
) -> Deliberation:
    _, platform, channel = place
    post = PostQuestion(
        actor=Actor(team=team.id, user="study", admin=True),
        platform=platform,
        channel=channel,
        question=sitting.question,
        idempotency_key=f"study:{plan.id}:{plan.seed}:{sitting.group}:{sitting.place}",
        terms=terms_of(sitting, plan, team, open_for),
        closes_at=ports.clock.now() + open_for,
    )
    reply = await dispatch(post, ports)
    if not reply.ok or reply.deliberation is None:
        raise BotError(f"{sitting.group}, question {sitting.place}: {reply.text}")
    return reply.deliberation


def terms_of(sitting: Sitting, plan: StudyPlan, team: Team, open_for: timedelta) -> Terms:
    """The team's terms, with what makes groups comparable in the place of what it may have changed."""
    return Terms.of(
        team,
        study=Study(id=plan.id, group=sitting.group, arms=sitting.arms, seed=sitting.seed),
        position_statement=sitting.position_statement,
        ask_quality=True,
        anonymous=True,
        scale=Scale.SEVEN,
        minimum_opinions=FEWEST,
        quorum=sitting.size,
        results_shown=ResultsShown.AFTER_CLOSE,
        rating_period=open_for,
    )
