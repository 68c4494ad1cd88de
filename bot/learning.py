"""What a settled deliberation leaves to learn from: who rated what, under this deliberation's pseudonyms.

Reads:  the store, once the vote is closed.
Gives:  records to the feedback log, each kept once however often this runs.
An opinion whose author keeps it out of learning is left out, and so are what was predicted from it and every
statement that repeats a sentence of it, as those drafted without a language model do. Whoever takes part or
consent back while this runs is in the log neither before nor after.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.deliberation import Deliberation, Opinion
from bot.domain.ratings import Rating
from bot.domain.study import RatedStatement
from bot.ports import Ports
from engine.digest import read_digest
from engine.feedback import FeedbackRecord
from engine.text import normalised, sentences, words
from engine.types import Mediation

SOMEBODYS_OWN = 4
"""Words from which a sentence is somebody's: "Yes." and "I agree." are everybody's."""


async def record_feedback(deliberation: Deliberation, mediation: Mediation, ports: Ports) -> None:
    """Write down every rating of this round."""
    before = await _given(deliberation, mediation, ports)
    await ports.feedback.append(before)
    # Whoever asked to be forgotten, or to be left out, between the reading and the writing is erased here.
    after = await _given(deliberation, mediation, ports)
    kept = {_key(record): record.consent for record in after}
    gone = {record.participant for record in before if kept.get(_key(record)) is not record.consent}
    for participant in gone:
        await ports.feedback.erase(deliberation.team, deliberation.id, participant)
    await ports.feedback.append([record for record in after if record.participant in gone])


def _key(record: FeedbackRecord) -> tuple[str, str]:
    return record.participant, record.statement_id


async def _given(deliberation: Deliberation, mediation: Mediation, ports: Ports) -> list[FeedbackRecord]:
    id_, round_ = deliberation.id, deliberation.round
    statements = [*await ports.store.statements(id_, round_)] or [RatedStatement.chosen(mediation)]
    ratings = {each.id: await ports.store.ratings(id_, round_, each.id) for each in statements}
    return feedback(
        deliberation,
        statements,
        opinions=await ports.store.opinions(id_),
        baselines=await ports.store.baselines(id_),
        ratings=ratings,
    )


def feedback(
    deliberation: Deliberation,
    statements: Sequence[RatedStatement],
    *,
    opinions: Sequence[Opinion],
    baselines: Sequence[Rating],
    ratings: Mapping[str, Sequence[Rating]],
) -> list[FeedbackRecord]:
    """One record for each rating of each statement; `ratings` has them by the statement's id."""
    opinion_of = {opinion.participant: opinion for opinion in opinions}
    withheld = [opinion for opinion in opinions if not opinion.consent]
    authors = {opinion.participant for opinion in withheld}
    baseline_of = {baseline.participant: baseline.value for baseline in baselines}
    return [
        _record(deliberation, statement, rating, opinion_of.get(rating.participant), baseline_of)
        for statement in statements
        # One that is the opinion of somebody who keeps it out, or took it with them, teaches nothing.
        if statement.text and statement.author not in authors and not _repeats(statement.text, withheld)
        for rating in ratings.get(statement.id, ())
    ]


def _repeats(statement: str, withheld: Sequence[Opinion]) -> bool:
    """Whether a sentence of one of these opinions stands in the statement, but for case and punctuation.

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
    opinion: Opinion | None,
    baseline_of: Mapping[str, int],
) -> FeedbackRecord:
    participant, study = rating.participant, deliberation.terms.study
    consent = opinion is None or opinion.consent
    return FeedbackRecord(
        team=deliberation.team,
        study=study.id if study else None,
        group=study.group if study else deliberation.id,
        deliberation_id=deliberation.id,
        round=deliberation.round,
        question=deliberation.question,
        participant=participant,
        opinion=opinion.text if opinion and consent else None,
        consent=consent,
        position_statement=deliberation.terms.position_statement,
        baseline=baseline_of.get(participant),
        statement=statement.text,
        statement_id=statement.id,
        arm=statement.arm,
        included=statement.was_read(participant),
        agreement=rating.value,
        quality=rating.quality,
        predicted_reward=statement.rewards.get(participant) if consent else None,
        welfare_function=statement.welfare_function,
        generator=statement.models.generator,
        reward_model=statement.models.reward,
        prompt=statement.models.prompt,
        settled_at=deliberation.ended_at or deliberation.created_at,
    )
