"""Asking a question, the same wherever it is done: what it starts from, reading what was typed, posting it.

Reads:  a team and its templates; inputs as text, by the names of `bot.wording.fields`.
Gives:  what stands in the form at first; a question, or a sentence for each input; a reply once it is posted.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.domain.actors import Actor
from bot.domain.commands import PostQuestion
from bot.domain.deliberation import CONTEXT_LIMIT, QUESTION_LIMIT, Deliberation
from bot.domain.errors import QuestionError
from bot.domain.team import Team
from bot.service import queries
from bot.service.access import load_steered
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import forms, texts
from bot.wording.emoji import STANDARD_ONLY, EmojiHere
from bot.wording.fields import Form, labelled

Typed = dict[str, str]


@dataclass(frozen=True)
class Place:
    """Where a question is asked; `within` is the channel that this one is a thread of, if it is one."""

    platform: str
    channel: str
    within: str = ""


@dataclass(frozen=True)
class Start:
    """What a question starts from: a team, or a template's terms over it; and the template's words."""

    team: Team
    typed: Mapping[str, str]


async def start(team: str, template: str, ports: Ports) -> Start:
    """From a template of this name, or what is usual. Raises QuestionError where there is none."""
    usual = await ports.teams.team(team)
    if not template:
        return Start(usual, {})
    for kept in await ports.library.templates(team):
        if kept.name == template:
            return Start(kept.over(usual), {"question": kept.question, "context": kept.context})
    raise QuestionError(texts.TEMPLATE_GONE)


async def start_from_bank(actor: Actor, id_: str, ports: Ports) -> Start:
    """From a question of the bank, for admins. Raises DomainError where there is none."""
    kept = await queries.library(actor, ports)
    for each in kept.bank:
        if each.id == id_:
            return Start(
                await ports.teams.team(actor.team), {"question": each.question, "context": each.context}
            )
    raise QuestionError(texts.GONE_ALREADY)


async def start_again(actor: Actor, id_: str, ports: Ports) -> Start:
    """From a question that this person runs. Raises DomainError for any other."""
    d = await load_steered(actor, id_, ports)
    return start_like(d, await ports.teams.team(d.team))


def start_like(d: Deliberation, usual: Team) -> Start:
    """From another question: its words and terms; until when it is open is what is usual."""
    terms = d.terms
    typed = {
        "question": d.question,
        "context": d.context,
        "position_statement": terms.position_statement or "",
        "candidates": str(terms.candidates),
        **({"jury": terms.jury.name} if terms.jury in usual.juries else {}),
        **({"ask_quality": "yes"} if terms.ask_quality else {}),
    }
    return Start(usual.starting_from(terms, usual.defaults.closes_after), typed)


def from_message(words: str, thread: str = "") -> Typed:
    """A message as a question, what was said around it as background; a long one is all background."""
    if len(words) <= QUESTION_LIMIT:
        return {"question": words, "context": thread[:CONTEXT_LIMIT]}
    together = f"{words}\n\n{thread}".strip()
    return {"question": "", "context": together[:CONTEXT_LIMIT]}


async def read(
    typed: Mapping[str, str],
    team: Team,
    ports: Ports,
    zone: str,
    here: EmojiHere = STANDARD_ONLY,
    locale: str = "",
) -> tuple[forms.Asked | None, dict[str, str]]:
    """The question and its terms, or a sentence for each input that cannot be used."""
    # Reading words takes a library that is slow to load.
    return await asyncio.to_thread(forms.asked, typed, team, ports.clock.now(), zone, here, locale)


async def post(actor: Actor, place: Place, asked: forms.Asked, key: str, ports: Ports) -> Reply:
    """Post it or schedule it. Whatever comes with the same key is the same question, of this person."""
    command = PostQuestion(
        actor=actor,
        platform=place.platform,
        channel=place.channel,
        within=place.within,
        question=asked.question,
        context=asked.context,
        terms=asked.terms,
        opens_at=asked.opens_at,
        closes_at=asked.closes_at,
        idempotency_key=once(actor, place.platform, key),
    )
    return await dispatch(command, ports)


def once(actor: Actor, platform: str, key: str) -> str:
    """A key that no two people share: whatever somebody sends can only repeat their own question."""
    return f"{platform}:{actor.user}:{key}"


def where_shown(errors: Mapping[str, str], shown: Collection[str]) -> dict[str, str]:
    """The sentences at the inputs that are shown; those of others at the question, each with its label."""
    at_their_place = {name: told for name, told in errors.items() if name in shown}
    hidden = {name: told for name, told in errors.items() if name not in shown}
    if not hidden:
        return at_their_place
    told = [at_their_place.get("question", ""), *labelled(Form.ASK, hidden)]
    return {**at_their_place, "question": " ".join(map(str, filter(None, told)))}
