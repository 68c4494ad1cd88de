"""A study: beginning the questions of its plan, each for its group; what a member rates in one of them.

Reads:  a plan (`engine.study.plan`), and where the groups meet; a member's steps for several statements.
Gives:  a deliberation for each sitting; begun twice with the same plan, the same ones again. To ratings, a
        reply.
Refrains from inviting anybody: links are the web channel's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.actors import Actor, require_member
from bot.domain.commands import CastRating, ChangeTeam, EndStudyVote, PostQuestion
from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError, DomainError
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import Rating, ResultsShown, Scale
from bot.domain.study import Study, require_statement
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.service.access import load_visible
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.queries import fully_rated, to_rate
from bot.service.reply import Reply
from bot.wording import texts
from engine.study.plan import Sitting, StudyPlan
from engine.types import model_of

FEWEST = 3
"""Opinions without which a question of a study is cancelled: leaving one out must leave two."""
NO_MODELS: Mapping[str, ModelNotice] = {}
NOT_LEARNING = (
    "This team does not let Accord learn, so no rating of the study would be kept. Start it with "
    "--keep-ratings to switch that on (each person is still asked), or do so in the team's settings."
)


@dataclass(frozen=True)
class StepsGiven:
    """What one person chose for one statement; a quality of None is left as it is."""

    agreement: int
    quality: int | None = None

    def is_kept(self, kept: Rating | None) -> bool:
        """Whether this is what is kept already."""
        return kept is not None and kept.value == self.agreement and self.quality in (None, kept.quality)


async def start_study(
    plan: StudyPlan,
    place: tuple[str, str, str],
    ports: Ports,
    *,
    open_for: timedelta,
    keep_ratings: bool = False,
    models: Mapping[str, ModelNotice] = NO_MODELS,
) -> list[tuple[Sitting, Deliberation]]:
    """Post every question of the plan in `place` (team, platform, channel).

    Args:
        open_for: for opinions, and as long again for ratings. A question closes earlier once its whole
            group has answered.
        keep_ratings: let the team learn first, where it does not. Each member is asked all the same, and what
            was given before stays out.
        models: what members are told of each model that an arm is called after, by its name.

    Raises:
        DomainError: the team keeps no feedback, or a question cannot be posted.
    """
    team = await ports.teams.team(place[0])
    if not team.keep_feedback:
        if not keep_ratings:
            raise DomainError(NOT_LEARNING)
        team = await _let_learn(team, ports)
    begun = []
    for sitting in plan.sittings:
        terms = terms_of(sitting, plan, team, open_for, models)
        begun.append((sitting, await _begun(sitting, plan, team, place, ports, terms)))
    return begun


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
    terms: Terms,
) -> Deliberation:
    _, platform, channel = place
    post = PostQuestion(
        actor=_runs_it(team),
        platform=platform,
        channel=channel,
        question=sitting.question,
        idempotency_key=f"study:{plan.id}:{plan.seed}:{sitting.group}:{sitting.place}",
        terms=terms,
        closes_at=ports.clock.now() + terms.rating_period,
    )
    reply = await dispatch(post, ports)
    if not reply.ok or reply.deliberation is None:
        raise BotError(f"{sitting.group}, question {sitting.place}: {reply.text}")
    return reply.deliberation


def terms_of(
    sitting: Sitting,
    plan: StudyPlan,
    team: Team,
    open_for: timedelta,
    models: Mapping[str, ModelNotice] = NO_MODELS,
) -> Terms:
    """The team's terms, with what makes groups comparable in the place of what it may have changed."""
    return Terms.of(
        team,
        study=Study(
            id=plan.id,
            group=sitting.group,
            arms=sitting.arms,
            seed=sitting.seed,
            models={name: models[name] for arm in sitting.arms if (name := model_of(arm))},
        ),
        position_statement=sitting.position_statement,
        ask_quality=True,
        anonymous=True,
        scale=Scale.SEVEN,
        minimum_opinions=FEWEST,
        quorum=sitting.size,
        results_shown=ResultsShown.AFTER_CLOSE,
        rating_period=open_for,
    )


async def rate_statements(
    actor: Actor, deliberation_id: str, given: Mapping[str, StepsGiven], at: datetime, ports: Ports
) -> Reply:
    """Keep somebody's ratings of statements, by their ids, and end the vote if nobody is left to rate.

    All are looked at before the first is kept; should the store fail half-way, the same again keeps the rest.
    What is kept already is left alone: a second copy changes nothing, though the first may have ended it.

    Raises:
        BotError: nothing was kept, because one of them cannot be, or because the store does not answer.
    """
    deliberation = await load_visible(actor, deliberation_id, ports)
    require_member(actor, deliberation)
    kept = {each.statement_id: each.rating for each in await to_rate(actor, deliberation_id, ports)}
    new = {id_: steps for id_, steps in given.items() if not steps.is_kept(kept.get(id_))}
    if new:
        await _require_ratable(deliberation, new, at, ports)
    for id_, steps in new.items():
        reply = await dispatch(_rating(actor, deliberation, id_, steps, at), ports)
        if not reply.ok:
            return reply
    return await _rated(actor, deliberation, ports)


async def _require_ratable(
    deliberation: Deliberation, given: Mapping[str, StepsGiven], at: datetime, ports: Ports
) -> None:
    deliberation.require_open_for_ratings(at)
    statements = await ports.mediations.statements(deliberation.id, deliberation.round)
    for id_, steps in given.items():
        require_statement(id_, statements)
        deliberation.terms.scale.check(steps.agreement)
        deliberation.terms.checked_quality(steps.quality)


def _rating(
    actor: Actor, deliberation: Deliberation, statement: str, steps: StepsGiven, at: datetime
) -> CastRating:
    return CastRating(
        actor,
        deliberation.id,
        value=steps.agreement,
        at=at,
        round=deliberation.round,
        quality=steps.quality,
        statement_id=statement,
    )


async def _rated(actor: Actor, deliberation: Deliberation, ports: Ports) -> Reply:
    """How far this person has got, and whether everybody has rated now."""
    rated = await to_rate(actor, deliberation.id, ports)
    told = texts.statements_rated(fully_rated(rated), len(rated))
    ended = await dispatch(EndStudyVote(actor, deliberation.id), ports)
    if ended.ok and ended.text != texts.STUDY_ENDS_EARLY:
        told = f"{told} {ended.text}"
    return Reply(told, deliberation=ended.deliberation or deliberation)
