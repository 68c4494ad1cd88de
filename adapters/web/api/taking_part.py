"""Taking part through the API: software says what its own people write, rate and take back.

Gives:  acts for `bot.chat.taking_part`, as pages do. A person is this token's alone (`ApiToken.participant`).
"""

from collections.abc import Mapping

from adapters.web import access
from adapters.web.api import models
from adapters.web.api.endpoints import Call
from adapters.web.api.problems import WRONG_VALUE, ProblemError, refused
from adapters.web.links import shown_name
from bot.chat.taking_part import Act
from bot.domain.actors import Actor
from bot.domain.commands import ForgetMe, StopLearning
from bot.domain.deliberation import NO_POINTS, Deliberation
from bot.domain.errors import NameInUseError, PermissionDeniedError, TransitionError
from bot.domain.likeness import Signing
from bot.service import queries
from bot.service.points import points_view
from bot.service.reply import Reply
from bot.service.rounds import own_preference
from bot.service.transitions import hint_splitting
from bot.wording import api_lines, page_lines, texts
from bot.wording.confirmations import WITHDRAW_RATING, WITHDRAW_REASON, Confirmation


async def show_own(call: Call) -> models.Own:
    """Show what a person has given.

    For that person alone.
    """
    user, d = (person := _person(call)).user, await call.question(person)
    participant = call.ports.pseudonyms.of(d, user)
    said = await queries.own_answer(user, d, call.ports)
    why = await queries.own_reason(user, d, call.ports)
    rated = await call.ports.contributions.rating(d.id, d.round, participant)
    return models.Own(
        opinion=said.opinion
        and models.OwnOpinion(
            text=said.opinion.text,
            name=said.opinion.signed or None,
            may_learn=said.may_learn,
            about=dict(said.opinion.attributes),
        ),
        baseline=said.baseline,
        rating=rated and rated.value,
        quality=rated and rated.quality,
        reason=why and models.OwnReason(text=why.text, may_learn=why.consent),
        preference=await own_preference(user, d, call.ports),
    )


async def give_opinion(call: Call) -> models.Told:
    """Give an opinion, or another text for it.

    Show the question's `before_you_write` first; `may_learn` is true only if the person ticked the box.
    """
    given: models.OpinionIn = call.body
    d = await _let_in(call)
    act = await _act(call, d, name=await _name(call, d, given.name))
    reply = await call.site.taking_part.give_opinion(
        act,
        given.text,
        baseline=_step(given.baseline),
        consent=given.may_learn if d.terms.keep_feedback else None,
        signing=_signing(d),
        edition=str(given.edition),
        about=_about(given.about, d),
    )
    return _told(reply)


async def withdraw_opinion(call: Call) -> models.Told:
    """Withdraw an opinion.

    The answer gives its words back.
    """
    act = await _act(call, await call.question(_person(call)))
    _require_sure(call, await call.site.taking_part.withdrawing(act))
    return _told(await call.site.taking_part.withdraw_opinion(act))


async def give_rating(call: Call) -> models.Told:
    """Rate the statement, or change the rating.

    Show the statement and the question's `before_you_write.rating` first.
    """
    given: models.RatingIn = call.body
    act = await _act(call, await _let_in(call))
    reply, _ = await call.site.taking_part.rate(
        act, str(given.value), quality=_step(given.quality), round_=given.round
    )
    return _told(reply)


async def withdraw_rating(call: Call) -> models.Told:
    """Take a rating back.

    The person can rate again while the vote is open.
    """
    act = await _act(call, await call.question(_person(call)))
    _require_sure(call, WITHDRAW_RATING)
    return _told(await call.site.taking_part.withdraw_rating(act))


async def give_reason(call: Call) -> models.Told:
    """Say why a person rates the statement so, or put another text in its place.

    Show the question's `before_you_write.reason` first.
    """
    given: models.ReasonIn = call.body
    d = await _let_in(call)
    act = await _act(call, d, name=await _name(call, d, given.name))
    reply = await call.site.taking_part.give_reason(
        act,
        given.text,
        consent=given.may_learn if d.terms.keep_feedback else None,
        round_=given.round,
        signing=_signing(d),
    )
    return _told(reply)


async def withdraw_reason(call: Call) -> models.Told:
    """Withdraw a reason.

    The answer gives its words back.
    """
    act = await _act(call, await call.question(_person(call)))
    _require_sure(call, WITHDRAW_REASON)
    return _told(await call.site.taking_part.withdraw_reason(act))


async def give_preference(call: Call) -> models.Told:
    """Say which statement a person prefers, the revised one or the one before.

    Only in a second or later round.
    """
    given: models.PreferenceIn = call.body
    act = await _act(call, await _let_in(call))
    return _told(await call.site.taking_part.compare(act, given.choice, round_=given.round))


async def show_points(call: Call) -> models.Points:
    """Show the points that a person votes on next, and those they voted on.

    For that person alone.
    """
    d = await _let_in(call)
    if not d.terms.points:
        raise TransitionError(NO_POINTS)
    view = await points_view(_person(call), d.id, call.ports, most=call.query.limit)
    if view.is_open and not view.any:
        # As on pages: a job for what was written may have been lost.
        await hint_splitting(d, call.ports)
    return models.Points(
        open=view.is_open,
        next=[models.PointOut(id=each.id, text=each.text) for each in view.upcoming],
        left=view.left,
        voted=[
            models.VotedPoint(id=each.point.id, text=each.point.text, side=each.side) for each in view.voted
        ],
        waiting=[each.text for each in view.waiting],
        notes=list(view.notes),
    )


async def vote_on_point(call: Call) -> models.Told:
    """Vote on a point, or change the vote.

    The person agrees, disagrees or passes. Nobody sees who voted how.
    """
    act = await _act(call, await _let_in(call))
    return _told(await call.site.taking_part.vote_on_point(act, call.path.point, call.body.side))


async def add_point(call: Call) -> models.Told:
    """Add a point for everybody to vote on.

    Show the question's `before_you_write.point` first. With the same Idempotency-Key it is added once.
    """
    act = await _act(call, await _let_in(call))

    async def added() -> Reply:
        return await call.site.taking_part.add_point(act, call.body.text)

    return _told(await (call.copies.once(call.copy, added) if call.copy else added()))


async def mark_point_spam(call: Call) -> models.Told:
    """Mark a point as spam.

    Points that several people mark are hidden, until those who run the question show them again.
    """
    act = await _act(call, await _let_in(call))
    return _told(await call.site.taking_part.mark_point_spam(act, call.path.point))


async def show_everything(call: Call) -> models.EverythingWritten:
    """Show all that a person wrote in this team.

    For that person alone; it is what forgetting them deletes.
    """
    found = await queries.own_opinions(_person(call), call.ports)
    return models.EverythingWritten(
        items=[
            models.Written(
                question=each.deliberation.id if each.deliberation else "",
                kind="reason" if each.is_reason else "point" if each.is_point else "opinion",
                text=each.text,
            )
            for each in found
        ]
    )


async def forget_participant(call: Call) -> models.Told:
    """Forget a person: delete everything that they gave.

    It cannot be undone, so the person has to confirm it: say `sure` then.
    """
    _require_sure(call, api_lines.forgetting())
    return _told(await call.run(ForgetMe(_person(call), await call.at())))


async def stop_learning(call: Call) -> models.Told:
    """Learn from nothing any more that a person gave.

    What was kept to learn from is deleted.
    """
    return _told(await call.run(StopLearning(_person(call))))


def _person(call: Call, name: str = "") -> Actor:
    return call.token.participant(call.path.participant, name)


async def _let_in(call: Call) -> Deliberation:
    """The question, if somebody may take part: new people only where anybody can who has the link.

    Whoever asked it decides that, and no token changes it; what software asked itself is its own.
    """
    person = _person(call)
    d = await call.question(person)
    opened = await call.site.access.invitations.open_link(d.id)
    if d.facilitator == call.actor.user or (opened is not None and opened.admits):
        return d
    if (await queries.own_answer(person.user, d, call.ports)).opinion is None:
        raise PermissionDeniedError(api_lines.NOT_LET_IN)
    return d


async def _act(call: Call, d: Deliberation, name: str = "") -> Act:
    actor = _person(call, name)

    async def known(_: Deliberation) -> Actor:
        return actor

    return Act(
        actor.team, actor.user, d.id, known, at=await call.at(), copy=call.copy, channel=call.token.channel
    )


async def _name(call: Call, d: Deliberation, name: str) -> str:
    """Under which name somebody answers: none where none is asked for, and nobody else's."""
    if d.terms.anonymous:
        return ""
    said = await queries.own_answer(_person(call).user, d, call.ports)
    own = said.opinion.signed if said.opinion else ""
    name = shown_name(name) or own
    if not name:
        raise ProblemError(409, str(texts.NAME_NEEDED))
    if name != own and await access.is_reserved(name, d.id, call.site.access):
        raise NameInUseError(page_lines.NAME_TAKEN)
    return name


def _about(said: Mapping[str, str] | None, d: Deliberation) -> dict[int, str] | None:
    """What somebody says about themselves, by its place. Raises ProblemError for what nobody asked."""
    if said is None:
        return None
    places = {each.label: place for place, each in d.terms.asked_of_members.items()}
    answers = d.terms.attributes
    for label, answer in said.items():
        if label not in places or answer not in answers[places[label]].values:
            raise ProblemError(422, errors=[models.Fault(at="body.about", said=WRONG_VALUE)])
    return {places[label]: answer for label, answer in said.items()}


def _signing(d: Deliberation) -> Signing:
    return Signing.AS_KNOWN if d.terms.anonymous else Signing.TYPED


def _step(value: int | None) -> str:
    return "" if value is None else str(value)


def _require_sure(call: Call, asks: Confirmation) -> None:
    if call.query.sure is None:
        raise ProblemError(409, str(asks.follows), asks=asks)


def _told(reply: Reply) -> models.Told:
    if not reply.ok:
        raise refused(reply)
    return models.Told(said=str(reply.text), given_back=reply.given_back or None)
