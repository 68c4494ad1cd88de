"""A team's own emoji for the steps of a scale: from what was typed to emoji that a platform can show.

Reads:  text with emoji, as themselves or by their names between colons, and what a platform has beside the
        standard ones (`EmojiHere`).
Gives:  `OwnEmoji`, one for each step, or a sentence that says which one cannot be used.
The standard emoji with Slack's names for them are in `emoji_names.tsv`, read when the first emoji is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from bot.domain.errors import QuestionError
from bot.domain.ratings import OwnEmoji, Scale, plain_emoji
from bot.wording.language import N_

IN_COLOUR = "\ufe0f"
TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
# How a Discord server's emoji is written; a name, perhaps with a skin tone; whatever else stands together.
OF_DISCORD = re.compile(r"<a?:\w+:\d+>")
TOKEN = re.compile(rf"{OF_DISCORD.pattern}|:[^\s:,]+:(?::skin-tone-\d:)?|[^\s,:<]+|[:<]")
UNKNOWN_SHOWN = 40


@dataclass(frozen=True)
class EmojiHere:
    """What can stand on a scale on one platform, beside the standard emoji.

    own: the team's own, by how they are written there.
    unknown: what is said of any other; `{emoji}` stands for what was written.
    of_discord: what is said of one that is written as Discord's servers write theirs.
    """

    own: Mapping[str, OwnEmoji] = field(default_factory=dict)
    unknown: str = N_("“{emoji}” isn't a standard emoji, and only those work here.")
    of_discord: str = N_(
        "“{emoji}” is an emoji of a Discord server, which cannot be shown here. Choose another."
    )


STANDARD_ONLY = EmojiHere()


def own_scale(text: str, here: EmojiHere) -> tuple[OwnEmoji, ...]:
    """One emoji for each step, lowest first: as many as one of the scales has. Raises QuestionError."""
    found = tuple(each for token in TOKEN.findall(text) for each in _read(token, here))
    if len(found) not in {len(scale.levels) for scale in Scale}:
        raise QuestionError(
            "Write three or seven emoji, from disagreement to agreement; there are {count}.", count=len(found)
        )
    seen: set[str] = set()
    for each in found:
        names = {plain_emoji(each.shown), *each.names}
        if names & seen:
            raise QuestionError(
                "{emoji} is there twice. Each step needs a different emoji.", emoji=each.shown
            )
        seen |= names
    return found


def scale_of(own: Sequence[OwnEmoji]) -> Scale:
    """The scale that has as many steps."""
    return next(scale for scale in Scale if len(scale.levels) == len(own))


def written(own: Sequence[OwnEmoji]) -> str:
    """As somebody would type them."""
    return " ".join(each.shown for each in own)


def standard(name: str) -> OwnEmoji | None:
    """A standard emoji by one of its names; None where there is none of that name."""
    return _by_name().get(name)


def _read(token: str, here: EmojiHere) -> Iterator[OwnEmoji]:
    if token in here.own:
        yield here.own[token]
    elif OF_DISCORD.fullmatch(token):
        raise QuestionError(here.of_discord, emoji=token[:UNKNOWN_SHOWN])
    elif token.startswith(":"):
        found = standard(plain_emoji(token))
        if found is None:
            raise QuestionError(here.unknown, emoji=token[:UNKNOWN_SHOWN])
        yield found
    else:
        yield from _standing_together(token, here)


def _standing_together(token: str, here: EmojiHere) -> Iterator[OwnEmoji]:
    """Emoji without a space between them, each as long as it can be."""
    known = _by_character()
    rest = TONES.sub("", token.replace(IN_COLOUR, ""))
    while rest:
        at = next(
            (length for length in range(min(len(rest), _longest()), 0, -1) if rest[:length] in known), 0
        )
        if not at:
            raise QuestionError(here.unknown, emoji=rest[:UNKNOWN_SHOWN])
        yield known[rest[:at]]
        rest = rest[at:]


@cache
def _by_character() -> dict[str, OwnEmoji]:
    """Every standard emoji by its characters, without marks of colour and skin tone."""
    text = resources.files("bot.wording").joinpath("emoji_names.tsv").read_text(encoding="utf-8")
    table = [line.split("\t") for line in text.splitlines() if "\t" in line]
    variants: dict[str, list[str]] = {}
    for shown, names in table:
        variants.setdefault(plain_emoji(shown), []).extend(names.split())
    return {
        shown.replace(IN_COLOUR, ""): OwnEmoji(
            shown=shown,
            # Its own names first; then those of its variants, which count as the same.
            names=tuple(dict.fromkeys([*names.split(), *variants[plain_emoji(shown)]])),
        )
        for shown, names in table
        if not TONES.fullmatch(shown)
    }


@cache
def _by_name() -> dict[str, OwnEmoji]:
    """The same by name. A name that several have is the one's whose first name it is."""
    found: dict[str, OwnEmoji] = {}
    for first in (True, False):
        for each in _by_character().values():
            for name in each.names[:1] if first else each.names:
                found.setdefault(name, each)
    return found


@cache
def _longest() -> int:
    return max(map(len, _by_character()))
