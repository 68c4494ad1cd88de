"""What a settled deliberation leaves to learn from: who rated what, under this deliberation's pseudonyms.

Reads:  the store, once the vote is closed.
Gives:  records to the feedback log, each kept once however often this runs.
Only members who agreed with their opinion are in it; silence is no, and so is what was said before the team
asked. What others wrote is left out, and so is every statement that repeats a sentence of theirs, as those
drafted without a language model do. Anyone who takes part or consent back while this runs is not in the log,
and not quoted there.
Nor is a round learnt from where that would tell what one or two others chose (`_gives_others_away`), or how
their ratings moved from the round before (`_moves_give_others_away`).
Which opinion group they are in is in it where members may be told of groups too (`told_groups`): it is one
more thing predicted of them, as their agreement is. In an anonymous question its place on the map is that of
the whole group.
Every round that was voted on is in it, with its own statement, and with what members said of that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from functools import partial

from bot.domain.deliberation import Deliberation, Opinion, Reason, Written
from bot.domain.errors import StoreError
from bot.domain.kept_mediation import KeptMediation
from bot.domain.ratings import Rating
from bot.domain.study import RatedStatement
from bot.service.ports import Ports
from bot.service.ports.feedback import Wanted
from bot.wording.cards import told_groups
from engine.digest import read_digest
from engine.feedback.record import FeedbackRecord
from engine.text import normalised, sentences, words
from engine.types import OpinionGroup

SOMEBODYS_OWN = 4
"""Words from which a sentence is somebody's: "Yes." and "I agree." are everybody's."""


async def record_feedback(deliberation: Deliberation, ports: Ports) -> None:
    """Write down every rating of every round."""
    await ports.feedback.append(await _given(deliberation, ports))
    # Between the reading and the writing somebody may have asked to be forgotten, or to be left out. So what
    # is in the log, by this worker or by one that died here, is compared with what there is now, until they
    # agree: another may do so at the same moment.
    while await _corrected(deliberation, ports):
        pass


async def kept_mediation(
    deliberation: Deliberation, ports: Ports, round_: int | None = None
) -> KeptMediation:
    """A round's, or else this one's. Raises StoreError where it is gone."""
    mediation = await ports.mediations.mediation(deliberation.id, round_ or deliberation.round)
    if mediation is None:
        raise StoreError("The mediation of this round is not in the store, though its statement was chosen.")
    return mediation


async def _corrected(deliberation: Deliberation, ports: Ports) -> bool:
    """Whether something was in the log that is not in the store any more; it was taken out."""
    given, logged = await _given(deliberation, ports), await _logged(deliberation, ports)
    gone, outdated = _who_left(given, logged), _outdated(given, logged)
    for participant in gone:
        await ports.feedback.erase(deliberation.team, deliberation.id, participant)
    if gone:
        await ports.feedback.append([record for record in given if record.participant in gone])
    if outdated:
        await ports.feedback.reword(deliberation.team, deliberation.id, partial(_replaced, outdated))
    return bool(gone or outdated)


def _who_left(given: Sequence[FeedbackRecord], logged: Sequence[FeedbackRecord]) -> set[str]:
    """Whose records are not all in the store any more."""
    kept = {_key(record) for record in given}
    return {record.participant for record in logged if _key(record) not in kept}


def _outdated(given: Sequence[FeedbackRecord], logged: Sequence[FeedbackRecord]) -> dict[str, str]:
    """Statements as they stand in the log and not in the store any more, each with what it says there."""
    now = {(record.round, record.statement_id): record.statement for record in given}
    texts = {record.statement: (record.round, record.statement_id) for record in logged}
    return {text: now[id_] for text, id_ in texts.items() if now.get(id_, text) != text}


def _replaced(by_text: Mapping[str, str], statement: str) -> str:
    return by_text.get(statement, statement)


def _key(record: FeedbackRecord) -> tuple[int, str, str]:
    return record.round, record.participant, record.statement_id


async def _logged(deliberation: Deliberation, ports: Ports) -> list[FeedbackRecord]:
    """What is in the log of it; all of it has the same time."""
    wanted = Wanted(deliberation.team, deliberation.id, since=_settled_at(deliberation))
    return [each async for each in ports.feedback.export(wanted)]


async def _given(deliberation: Deliberation, ports: Ports) -> list[FeedbackRecord]:
    id_, given = deliberation.id, []
    opinions = await ports.contributions.opinions(id_)
    baselines = await ports.contributions.baselines(id_)
    said: list[Reason] = []
    for round_ in range(1, deliberation.round + 1):
        mediation = await kept_mediation(deliberation, ports, round_)
        chosen = RatedStatement.chosen(mediation)
        statements = [*await ports.mediations.statements(id_, round_)] or [chosen]
        reasons = await ports.contributions.reasons(id_, round_)
        given += feedback(
            deliberation.model_copy(update={"round": round_}),
            statements,
            opinions=opinions,
            baselines=baselines,
            ratings={each.id: await ports.contributions.ratings(id_, round_, each.id) for each in statements},
            reasons=reasons,
            heard=said,
            groups=told_groups(deliberation, mediation),
        )
        said += reasons
    if _moves_give_others_away(given, deliberation):
        return [record for record in given if record.round != deliberation.round]
    return given


def _moves_give_others_away(given: Sequence[FeedbackRecord], deliberation: Deliberation) -> bool:
    """Whether how ratings moved, less those in both rounds' records, is that of too few to hide in.

    Each round alone may leave enough others to hide in, and both together one: who rated in both.
    """
    moved = None if deliberation.change is None else deliberation.change.movement
    if moved is None or not _is_private(deliberation):
        return False
    before, after = (
        {record.participant for record in given if record.round == each}
        for each in (deliberation.round - 1, deliberation.round)
    )
    return 0 < moved.rated_both - len(before & after) < deliberation.terms.fewest_ratings


def feedback(
    deliberation: Deliberation,
    statements: Sequence[RatedStatement],
    *,
    opinions: Sequence[Opinion],
    baselines: Sequence[Rating],
    ratings: Mapping[str, Sequence[Rating]],
    reasons: Sequence[Reason] = (),
    heard: Sequence[Reason] = (),
    groups: Sequence[OpinionGroup] = (),
) -> list[FeedbackRecord]:
    """One record for each rating of a statement by those who agreed; `ratings` has them by statement id.

    reasons: of this round. heard: of the rounds before, which its statement was drafted from.
    groups: this round's opinion groups, as far as they may be told of.
    """
    agreed = {opinion.participant: opinion for opinion in opinions if opinion.consent}
    withheld = [each for each in (*opinions, *heard) if not each.consent]
    authors = {opinion.participant for opinion in opinions if not opinion.consent}
    baseline_of = {baseline.participant: baseline.value for baseline in baselines}
    records = [
        _record(deliberation, statement, rating, agreed[rating.participant], baseline_of)
        for statement in statements
        # One that is the opinion of somebody who keeps it out, or took it with them, teaches nothing.
        if statement.text and statement.author not in authors and not _repeats(statement.text, withheld)
        for rating in ratings.get(statement.id, ())
        if rating.participant in agreed
    ]
    learnt = {record.participant for record in records}
    if _is_private(deliberation) and any(
        _gives_others_away(given, learnt, deliberation) for given in ratings.values()
    ):
        return []
    if _gives_others_away(baselines, learnt, deliberation):
        records = [record.model_copy(update={"baseline": None}) for record in records]
    told = critiques(reasons, learnt, deliberation)
    places = dict(_places(groups, deliberation))
    return [
        record.model_copy(
            update={
                "critique": told.get(record.participant) if _is_critiqued(record, deliberation) else None,
                **places.get(record.participant, {}),
            }
        )
        for record in records
    ]


def _places(
    groups: Sequence[OpinionGroup], deliberation: Deliberation
) -> Iterator[tuple[str, dict[str, float | None]]]:
    """Each participant with their group and where it is on the map, as a record has them."""
    for number, group in enumerate(groups, 1):
        points: Sequence[tuple[float | None, float | None]] = group.points
        if not points:  # kept before there were maps
            points = [(None, None)] * len(group.participants)
        elif deliberation.terms.anonymous:
            points = [group.middle] * len(points)
        for participant, (x, y) in zip(group.participants, points, strict=True):
            yield participant, {"opinion_group": number, "map_x": x, "map_y": y}


def _is_critiqued(record: FeedbackRecord, deliberation: Deliberation) -> bool:
    """Whether a round's reasons are of this statement: of a study's, members are asked about one."""
    study = deliberation.terms.study
    return study is None or record.arm is study.revises


def critiques(reasons: Sequence[Reason], learnt: Set[str], deliberation: Deliberation) -> dict[str, str]:
    """Of those who are learnt from, the reasons that may be learnt from too, by participant.

    None where those that the question shows besides would be of too few to hide in.
    """
    agreed = {reason.participant: reason.text for reason in reasons if reason.consent}
    told = {participant: text for participant, text in agreed.items() if participant in learnt}
    return {} if _gives_others_away(reasons, told.keys(), deliberation) else told


def _is_private(deliberation: Deliberation) -> bool:
    """Public ratings are everybody's to see, and a study's are not shown with its question."""
    return not deliberation.terms.rated_in_public and deliberation.terms.study is None


def _gives_others_away(
    given: Sequence[Rating | Reason], learnt: Set[str], deliberation: Deliberation
) -> bool:
    """Whether what a question shows of private values, less those of the log, is that of too few to hide in.

    The log joins a value to an opinion and the question shows all of both, so what is left over would be
    joined too: of those who did not agree to that.
    """
    fewest = deliberation.terms.fewest_ratings
    others = sum(value.participant not in learnt for value in given)
    return len(given) >= fewest and 0 < others < fewest


def _repeats(statement: str, withheld: Sequence[Written]) -> bool:
    """Whether a sentence of one of these stands in the statement, but for case and punctuation.

    In a digest it may have lost its first word, so there each point is looked for in the opinions.
    """
    said = f" {normalised(statement)} "
    digest = read_digest(statement)
    points = [normalised(point.text) for point in digest.points] if digest else []
    return any(
        _holds(said, map(normalised, sentences(opinion.text)))
        or _holds(f" {normalised(opinion.text)} ", points)
        for opinion in withheld
    )


def _holds(text: str, forms: Iterable[str]) -> bool:
    """Whether one of these, if it is long enough to be somebody's, stands in the text; all in normal form."""
    return any(len(words(form)) >= SOMEBODYS_OWN and f" {form} " in text for form in forms)


def _record(
    deliberation: Deliberation,
    statement: RatedStatement,
    rating: Rating,
    opinion: Opinion,
    baseline_of: Mapping[str, int],
) -> FeedbackRecord:
    participant, study = rating.participant, deliberation.terms.study
    return FeedbackRecord(
        team=deliberation.team,
        study=study.id if study else None,
        group=study.group if study else deliberation.id,
        deliberation_id=deliberation.id,
        round=deliberation.round,
        question=deliberation.question,
        participant=participant,
        opinion=opinion.text,
        consent=True,
        position_statement=deliberation.terms.position_statement,
        baseline=baseline_of.get(participant),
        statement=statement.text,
        statement_id=statement.id,
        arm=statement.arm,
        included=statement.was_read(participant),
        agreement=rating.value,
        quality=rating.quality,
        predicted_reward=statement.rewards.get(participant),
        welfare_function=statement.welfare_function,
        generator=statement.models.generator,
        reward_model=statement.models.reward,
        prompt=statement.models.prompt,
        settled_at=_settled_at(deliberation),
    )


def _settled_at(deliberation: Deliberation) -> datetime:
    return deliberation.ended_at or deliberation.created_at
