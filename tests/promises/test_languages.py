"""Languages: of what members and admins are shown, everything can be translated, and everything is.

A question is played as for the pictures, and every message, window and page of it is read: in the
pseudo-language for what stands in no catalogue, in German for what was written before it was known who reads.
"""

import html
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from bot.domain.commands import CloseOpinions
from bot.domain.deliberation import Step
from bot.domain.team import AUTO
from bot.wording import buttons, card_lines, texts
from bot.wording.language import LANGUAGES, PSEUDO, PSEUDO_CLOSES, PSEUDO_OPENS, reading
from bot.worker.steps import Worker, run_step
from engine.errors import GenerationError
from tests.discord_server.state import texts_of as texts_in_discord
from tests.messages import PLACE, forms, path_of, read, sentences, translation, untranslated
from tests.pictures.cameras import Camera, DiscordCamera, SlackCamera, WebCamera
from tests.pictures.story import DECIDED, REASONS, TEXTS, Stages, commanded, lived
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace
from tests.promises.places import QUESTION, ChatPlace, Place
from tests.promises.readers import all_read
from tests.promises.screens import elsewhere
from tests.slack_server.block_kit import texts_of as texts_in_slack
from tests.web_house import FakeMediator

GERMAN = "de"
# What members and the model wrote, for studies too, and how members are called.
DRAFT = (
    r"(~+Draft~+ \*+)?(D|Revised d)raft\** \d+: "
    r"phase plastics out step by step, and help those whom it costs most\."
)
OF_STUDY = r"Opinion \d|(We agree to phase plastics out, )+and to help those whom it costs most\."
WRITTEN = ("Vouchers would do", "Why?", *TEXTS, *REASONS, DECIDED, QUESTION)
OWN_WORDS = re.compile(
    "|".join([*map(re.escape, WRITTEN), DRAFT, OF_STUDY, r"(member|Person )\d", "an admin"])
)
# Addresses, times, names of emoji, what is typed, by what we know our own messages, and how Discord says a
# poll ended.
MARKUP = re.compile(
    r"<[^>|]*\|?|\]\([^)]*\)|:[a-z_0-9+-]+:|`[^`]*`|(?<=Accord · )\w{16}|(poll|total|victor)(_[a-z]+)+"
)
# Names: ours, the time zone's, what languages call themselves, the made-up reward model's, a template's.
NAMES = {"Accord", "UTC", *LANGUAGES.values(), "fake", "Retro"}
WORD = re.compile(r"[^\W\d_]{2,}")
# Of a page: what is read out or shown on a hint, what a script writes later (codes for it have no space), …
ATTRIBUTE = re.compile(r'(?:(?:aria-label|alt|title|placeholder)="([^"]*)"|data-[\w-]+="([^" ]* [^"]*)")')
# … and what parts one text from the next.
INLINE = re.compile(r"</?(?:a|b|em|strong|time|span|small|code)\b[^>]*>")
# Shorter ones are words that other languages have too.
TELLING_WORDS = 3


# -- what is read --------------------------------------------------------------------------------


def of_slack(given: Any) -> Iterator[str]:
    """A window, or the parts of a message."""
    yield from texts_in_slack(list(given) if isinstance(given, tuple) else given)
    if isinstance(given, tuple):
        yield given[2]


def of_discord(given: Any) -> Iterator[str]:
    """A window, or the parts of a message."""
    _number, shown = given
    for part in shown if isinstance(shown, tuple) else (shown["title"], shown["components"]):
        yield from texts_in_discord(part)


def of_page(page: str) -> Iterator[str]:
    """Its texts, and those in attributes."""
    for shown, kept in ATTRIBUTE.findall(page):
        yield html.unescape(shown or kept)
    words = re.sub(r"(?s)<(script|style)\b.*?</\1>", "", page)
    yield from map(html.unescape, re.split("<[^>]*>", INLINE.sub("", words)))


LOOKS: dict[type[Place], tuple[Callable[[Any], Camera], Callable[[Any], Iterator[str]]]] = {
    SlackPlace: (SlackCamera, of_slack),
    DiscordPlace: (DiscordCamera, of_discord),
    WebPlace: (WebCamera, of_page),
}


async def everything_shown(place: Place, stages: Stages) -> list[str]:
    """Every text that anybody was shown, once."""
    make_camera, texts_of = LOOKS[type(place)]
    camera = make_camera(place)
    seen: dict[str, None] = {}
    async for _stage in stages:
        for given, _drawn in camera.shown():
            seen |= dict.fromkeys(" ".join(each.split()) for each in texts_of(given))
    return [each for each in seen if each]


def in_parts(place: Place, told: list[str]) -> list[str]:
    """Pages as their texts, each once."""
    if not isinstance(place, WebPlace):
        return told
    return list(dict.fromkeys(text for page in dict.fromkeys(told) for text in of_page(page)))


# -- what else they see --------------------------------------------------------------------------


async def reminded(place: ChatPlace) -> Stages:
    """Somebody who has looked but not answered is written to before the question closes."""
    await place.ask()
    await place.how(1)
    now = place.ports.clock.now()
    near = {"created_at": now - timedelta(days=1), "closes_at": now + timedelta(minutes=30)}
    await place.ports.deliberations.save((await place.load()).model_copy(update=near))
    await run_step(Step.REMIND, place.id, Worker(place.ports, place.house.mediator, pause_s=0))
    assert place.written_to(1)
    yield "a reminder"


async def troubled(place: Place, told: list[str]) -> Stages:
    """What goes another way than planned; what is told to whoever does it goes into `told`."""
    await place.ask(ask_quality=True)
    await place.begin(1)
    told.append(await place.send(1, " "))
    told += await place.tries_to_run(3)
    told.append(await place.extend(5))
    told.append(await place.opine(0, TEXTS[0]))
    await place.opine(1, TEXTS[1])
    told.append(await (await place.withdraw_opinion(1)).yes())
    yield "while opinions are given"
    told.append(await place.close())
    await place.work()
    told += [await place.sees(2), await place.manages()]
    yield "too few"
    told.append(await place.reopen())
    for person, text in enumerate(TEXTS):
        await place.opine(person, text)
    place.drafts_with(FakeMediator(failure=GenerationError("The drafting model gave no answer.")))
    await place.run(CloseOpinions)
    told += [await place.sees(2), await place.manages()]
    yield "nothing could be drafted"
    place.drafts_with(FakeMediator())
    told.append(await place.retry(0))
    await place.work()
    told += [await place.rate(1, 6), await place.press_quality(1, 2)]
    told.append(await (await place.withdraw_rating(1)).yes())
    yield "while it is rated"
    told.append(await (await place.cancel()).yes())
    await place.work()
    told += [await place.sees(2), await place.manages()]
    yield "cancelled"
    for asked in (await place.stop_learning(2), await place.forget_me(3)):
        told += [asked.shown, await asked.yes()]
    yield "forgotten"


async def administered(place: Place, told: list[str]) -> Stages:
    """What an admin changes, and keeps for later."""
    if isinstance(place, WebPlace):
        await place.ask()
    asked = await place.settings(30)
    told += [asked.shown, await asked.yes()]
    yield "settings"
    if isinstance(place, WebPlace):
        return
    assert isinstance(place, SlackPlace | DiscordPlace)
    told.append((await place.keep_template("Retro", TEXTS[0])).shown)
    asked = await place.keep_template("Retro", QUESTION)
    told += [asked.shown, await asked.yes()]
    told += [await place.import_questions("question\nWhy?\n"), await place.schedule("Retro")]
    asked = await place.remove_template("Retro")
    told += [asked.shown, await asked.yes()]
    yield "the library"


# -- what cannot be translated -------------------------------------------------------------------


def bare(shown: str) -> list[str]:
    """The words of a text that stand in no sentence of a catalogue."""
    if shown.endswith("…"):  # it was cut, and lost the ends of its sentences
        shown += PSEUDO_CLOSES * shown.count(PSEUDO_OPENS)
    ours = OWN_WORDS.sub("", untranslated(shown).replace("\\", ""))
    return sorted(set(WORD.findall(MARKUP.sub(" ", ours))) - NAMES)


@pytest.mark.parametrize("named", [False, True])
async def test_everything_shown_of_a_question_can_be_translated(
    place: Place, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await all_read(PSEUDO, place, monkeypatch)
    shown = await everything_shown(place, lived(place, named=named))
    assert len(shown) > 60
    assert not {each: bare(each) for each in shown if bare(each)}


@pytest.mark.parametrize("play", [troubled, administered, elsewhere])
async def test_everything_told_to_whoever_acts_can_be_translated(
    place: Place, play: Callable[[Place, list[str]], Stages], monkeypatch: pytest.MonkeyPatch
) -> None:
    # No team can choose the pseudo-language, so that its settings could not be saved with it.
    await all_read(PSEUDO, place, monkeypatch, channel=AUTO if play is administered else "")
    told: list[str] = []
    shown = await everything_shown(place, play(place, told))
    shown += in_parts(place, told)
    assert not {each: bare(each) for each in shown if bare(each)}


async def test_everything_shown_to_an_admin_can_be_translated(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await all_read(PSEUDO, place, monkeypatch, channel=AUTO)
    shown = await everything_shown(place, commanded(place))
    assert len(shown) > 5
    assert not {each: bare(each) for each in shown if bare(each)}


async def test_a_reminder_can_be_translated(chat: ChatPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    await all_read(PSEUDO, chat, monkeypatch)
    shown = await everything_shown(chat, reminded(chat))
    assert not {each: bare(each) for each in shown if bare(each)}


# -- what was left in English --------------------------------------------------------------------

# What is said where an opinion is written, after rating, of the result, and on a card.
SAID = (buttons.YOUR_OPINION, texts.RATING_KEPT, texts.RESULT_TITLE, card_lines.TO_RATE_TITLE)


@cache
def in_german_and_not() -> tuple[str, set[str], list[str]]:
    """All that is said in German; the English sentences, and their parts that can be nothing else."""
    german, whole, parts = [], set(), []
    catalogue = read(path_of(GERMAN), GERMAN)
    for message in sentences(catalogue):
        german += forms(translation(catalogue, message) or "")
        whole |= set(forms(message.id))
        parts += [part.strip() for each in forms(message.id) for part in PLACE.sub("\n", each).split("\n")]
    said = "\n".join(german)
    telling = [each for each in parts if len(WORD.findall(each)) >= TELLING_WORDS and each not in said]
    return said, whole - set(german), telling


def english(shown: list[str]) -> list[str]:
    """Texts in which a sentence was not translated that could be."""
    _said, whole, telling = in_german_and_not()
    return [
        each
        for each in (text.replace("\\", "") for text in shown)
        if each in whole or any(part in each for part in telling)
    ]


async def test_a_question_is_read_in_german(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await all_read(GERMAN, place, monkeypatch)
    shown = await everything_shown(place, lived(place, named=False))
    with reading(GERMAN):
        # The web writes to nobody that there is a statement.
        expected = [str(each) for each in SAID[: 3 if isinstance(place, WebPlace) else 4]]
    assert "Deine Meinung" in expected
    assert not [each for each in expected if not any(each in text for text in shown)]
    assert any("5,0 von 7" in each for each in shown)
    assert not english(shown)


async def test_an_admin_reads_german(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await all_read(GERMAN, place, monkeypatch)
    shown = await everything_shown(place, commanded(place))
    assert any("Einstellungen" in each for each in shown)
    assert not english(shown)


async def test_what_stands_beside_a_question_is_read_in_german(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await all_read(GERMAN, place, monkeypatch)
    told: list[str] = []
    shown = await everything_shown(place, elsewhere(place, told))
    assert not english(shown + in_parts(place, told))


async def test_a_reminder_is_in_the_language_of_whoever_gets_it(
    chat: ChatPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await all_read(GERMAN, chat, monkeypatch, channel="fr")
    await everything_shown(chat, reminded(chat))
    assert "Du hast noch nicht geantwortet" in "\n".join(chat.written_to(1))
    with reading("fr"):
        assert str(card_lines.QUESTION_TITLE) in "\n".join(chat.posted())


def test_what_is_left_in_english_is_found() -> None:
    left = ["Vote: Nobody has answered yet.", "4 members have answered.", "Withdraw it"]
    assert english(left) == left
    assert not english(["Du hast noch nicht geantwortet.", "Accord", QUESTION])
