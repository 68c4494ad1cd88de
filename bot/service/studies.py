"""Beginning a study: the questions of its plan, each for its group.

Reads:  a plan (`engine.study.plan`), and where the groups meet.
Gives:  a deliberation for each sitting; begun twice with the same plan, the same ones again.
Refrains from inviting anybody: links are the web channel's.
"""

from datetime import timedelta

from bot.domain.actors import Actor
from bot.domain.commands import ChangeTeam, PostQuestion
from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError, DomainError
from bot.domain.ratings import ResultsShown, Scale
from bot.domain.study import Study
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from engine.study.plan import Sitting, StudyPlan

FEWEST = 3
"""Opinions without which a question of a study is cancelled: leaving one out must leave two."""
NOT_LEARNING = (
    "This team does not let Accord learn, so no rating of the study would be kept. Start it with "
    "--keep-ratings to switch that on (each person is still asked), or do so in the team's settings."
)


async def start_study(
    plan: StudyPlan,
    place: tuple[str, str, str],
    ports: Ports,
    *,
    open_for: timedelta,
    keep_ratings: bool = False,
) -> list[tuple[Sitting, Deliberation]]:
    """Post every question of the plan in `place` (team, platform, channel).

    Args:
        open_for: for opinions, and as long again for ratings. A question closes earlier once its whole
            group has answered.
        keep_ratings: let the team learn first, where it does not. Each member is asked all the same, and what
            was given before stays out.

    Raises:
        DomainError: the team keeps no feedback, or a question cannot be posted.
    """
    team = await ports.teams.team(place[0])
    if not team.keep_feedback:
        if not keep_ratings:
            raise DomainError(NOT_LEARNING)
        team = await _let_learn(team, ports)
    return [(sitting, await _begun(sitting, plan, team, place, ports, open_for)) for sitting in plan.sittings]


async def _let_learn(team: Team, ports: Ports) -> Team:
    """The team with "Keep ratings to learn from" on, as if an admin had done so: the change is on record."""
    learning = team.model_copy(update={"keep_feedback": True})
    reply = await dispatch(ChangeTeam(_runs_it(team), learning), ports)
    if not reply.ok:
        raise DomainError(reply.text)
    return await ports.teams.team(team.id)


def _runs_it(team: Team) -> Actor:
    return Actor(team=team.id, user="study", admin=True)


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
        actor=_runs_it(team),
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
