"""What the members of a group said, as points: each one member's own words, and fit to stand by itself.

Reads:  the opinions of one mediation, in any order.
Gives:  points with who said so, whether they state a condition or a need, and how well each speaks for the
        group; and what a member opened with, for `engine.drafting.positions`.
Refrains from changing words: a point is a run of one member's sentences without the "Yes, but" in front, and
with a capital and an ending. Sentences of two members never meet in one.

A sentence that leans on the one before it ("They are …", "Otherwise …") stays with that one, or is left out;
so does the reason after an answer of a few words ("None at all. I moved away."). Points of several members
that say the same are joined: the same words but for their order and endings, the same numbers, and the same
yes or no. The lists of words know English, German, French and Spanish; elsewhere sentences are taken as they
come.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from engine.arrays import Floats
from engine.drafting.material import length_of, polished
from engine.errors import GenerationError
from engine.prompts import echoes, leaks
from engine.text import ENGLISH_FUNCTION_WORDS, normalised, sentences, stem, word_set, words

POOL = 1_000
"""Most points that are compared with each other; beyond that those of least merit are left out."""
LONGEST = 60
"""Words of a point from which no further sentence is added to it."""

_ANSWER = 6  # words under which a sentence takes the next one in
_FEWEST = 2  # words of a sentence without its "Yes, but"
_SAME = 0.75  # likeness from which two points say the same
_SAME_CONDITION = 0.9  # the same for conditions, of which no part may be lost
_OPENING = re.compile(
    r"(?:yes|yeah|yep|no|nope|nah|well|ok|okay|sure|agreed|absolutely|definitely|honestly|of course"
    r"|ja|nein|klar|oui|non|s[ií]|claro|是的|不|نعم|لا|да|нет)\s*[,.!:;،，、–—-]+\s*",
    re.IGNORECASE,
)
_JOINING = re.compile(
    r"(?:and|but|plus|yet|however|und|aber|et|mais|y|pero|ولكن|но|但是?)(?:,\s*|،\s*|\s+)", re.IGNORECASE
)
_LEANS = re.compile(
    r"(?:they|this|that|these|those|it|its|it['’]s|that['’]s|he|she|them|such|both|either|neither|otherwise"
    r"|because|which|who|so|then|therefore|also|too|instead|same|the same|or"
    r"|sie|es|er|dies\w*|dann|sonst|deshalb|deswegen|darum|weil|denn|dadurch|dabei|davon|damit|dafür|beides?"
    r"|(?i:das)\s+(?-i:[a-zäöü])\w*|ils?(?! (?:faut|y a))|elles?|cela|ça|ce|c['’]est|ceci|sinon|car|donc"
    r"|es[oa]s?|est[oa]s?|ell[oa]s?|porque|entonces|además|si no)(?=[\s,;:.!?]|$)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:(?<!even )(?<!as )(?<!what )if(?! need be| only| possible| we can\b)|unless|(?:as|so) long as"
    r"|provided|(?:on|under|one) condition|exempt\w*|except|exceptions?|but not|not before|at least|at most"
    r"|(?<!not )only (?:if|when|with|after|for|from|at|in|where|once|on|makes?|helps?|works?)|must"
    r"|no (?:later|earlier|more) than|needs? to|then i (?:can|could|would|will)"
    r"|(?:i|we|he|she|they|who|people|children|kids|parents|some)(?: \w+)? (?:can['’]t|cannot|need|depend)"
    r"|i(?:['’]m| am)? (?:have to|allergic|unable|not able)|wheelchair|allerg\w+|disab\w+|vegan|vegetarian"
    r"|halal|kosher|gluten|pregnan\w+|asthma|night shifts?|afford)\b"
    r"|\b(?:wenn|falls|sofern|solange|ausnahm\w+|au(?:ß|ss)er|mindestens|höchstens|brauch\w*|angewiesen"
    r"|(?:nur|erst) (?:wenn|mit|nach|ab|für)|m(?:uss|üssen|üsste)|kann (?:\w+ ){0,4}nicht|rollstuhl\w*"
    r"|behinder\w+)\b"
    r"|\b(?:à condition|sauf|seulement (?:si|avec)|tant que|besoin|au moins|handicap\w+|doi(?:t|vent)"
    r"|ne (?:peux|peut|peuvent) pas|fauteuil roulant)\b"
    r"|\b(?:siempre que|salvo|excepto|necesit\w+|s[oó]lo si|al menos|no puedo|debe haber|silla de ruedas"
    r"|alérgic\w+|discapaci\w+)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"^(?:put|fix|make|give|keep|let|start|stop|use|build|buy|hold|move|leave|allow|ban|tax|ask|try|add|cut|pay"
    r"|set|open|close|plant|turn|take|go|do|don['’]?t|only|more|less|fewer|no|not)\b"
    r"|\b(?:should|let['’]?s|prefer|rather|want|would like|suggest|better to|please|ought)\b"
    r"|\b(?:sollte\w*|lieber|bitte|möchte\w*|will)\b|\b(?:il faut|devrait|préfère|plutôt)\b"
    r"|\b(?:deber\w+|prefiero|quiero|mejor)\b",
    re.IGNORECASE,
)
_ASKS = re.compile("[?？؟][\"'”’»)\\]}」』]*$")
_POINTS_BACK = word_set("that this it them so either")
_ENDS_BACK = re.compile(r"\b(?:that|this)\W*$", re.IGNORECASE)
_ENDED = re.compile("[.!?…:。！？｡؟۔।॥።\\])”»\"']\\W*$")
_DENIALS = word_set(
    """not no never none nobody nothing nor cannot without against cant dont doesnt isnt arent shouldnt
    wouldnt wont nicht kein keine keinen keiner nie gegen ohne pas non jamais contre sans nunca
    contra sin ni"""
)
_NO_SPACE_AFTER = re.compile("(?<=[。！？｡]) ")


@dataclass(frozen=True)
class Said:
    """One point.

    text: as it is shown.
    members: who said so, by their place in `Points.opinions`.
    place: how far down in its opinion it begins, in sentences.
    condition: whether it states a condition, or what somebody needs or cannot do.
    merit: how well it speaks for the group, in [0, 1].
    """

    text: str
    members: frozenset[int]
    place: int
    condition: bool
    merit: float = 0.0


class Points:
    """The points of a set of opinions.

    opinions: sorted, so that the order in which they came cannot matter.
    said: all points, best first; those of several members once.
    """

    def __init__(self, opinions: Sequence[str], *, whole: int = 0) -> None:
        """`whole`: words up to which an opinion stays one point, unless somebody else said a part of it too.

        Raises GenerationError when the opinions hold nothing that could be shown.
        """
        self.opinions = sorted(opinions)
        found = [list(_points_of(member, text)) for member, text in enumerate(self.opinions)]
        joined = self._joined(list(chain(*found)))
        if whole:
            shared = set().union(*(said.members for said in joined if len(said.members) > 1))
            for member in set(range(len(found))) - shared:
                found[member] = _whole(found[member], self.opinions[member], whole)
            joined = self._joined(list(chain(*found)))
        self.said = tuple(joined)

    def _joined(self, found: "list[Said]") -> "list[Said]":
        if not found:
            raise GenerationError("The opinions hold no sentence that a digest could be made of.")
        vectors = _vectors([point.text for point in found])
        merits = _merits(found, vectors)
        kept = _best(found, merits)
        return _joined([replace(found[at], merit=merits[at]) for at in kept], vectors[kept])

    def of(self, member: int) -> tuple[Said, ...]:
        """A member's points, in the order they were written."""
        own = (point for point in self.said if member in point.members)
        return tuple(sorted(own, key=lambda point: point.place))


def content(text: str) -> list[str]:
    """The words of a text that say what it is about, without their endings."""
    return [stem(word) for word in words(normalised(text)) if word not in ENGLISH_FUNCTION_WORDS]


def without_opening(sentence: str) -> str:
    """The sentence without the "Yes," and the "but" in front; empty when that was all."""
    opening = _OPENING.match(sentence)
    rest = sentence[opening.end() :] if opening else sentence
    if joining := _JOINING.match(rest):
        rest = rest[joining.end() :]
    return rest if rest == sentence or length_of(rest) >= _FEWEST else ""


def leans(sentence: str) -> bool:
    """Whether a sentence points to what was said before it, with its first word or a last "that"."""
    return bool(_LEANS.match(sentence) or _ENDS_BACK.search(sentence))


def states_condition(text: str) -> bool:
    """Whether a text states a condition, or what somebody needs or cannot do."""
    return bool(_CONDITION.search(text))


def states_wish(text: str) -> bool:
    """Whether a text says what ought to be done."""
    return bool(_WISH.search(text))


def _points_of(member: int, opinion: str) -> Iterator[Said]:
    """An opinion's points; where none stands alone, what there is."""
    own = [sentence for sentence in sentences(opinion) if not (leaks(sentence) or echoes(sentence))]
    runs = list(_runs(own)) or [(0, _NO_SPACE_AFTER.sub("", " ".join(own[:1])))]
    if not own:
        whole = " ".join(opinion.split())
        runs = [] if leaks(whole) or normalised(whole) else [(0, whole)]
    for place, text in runs:
        if shown := polished(text) or text:
            yield Said(shown, frozenset({member}), place, states_condition(shown))


def _whole(found: list[Said], opinion: str, most: int) -> list[Said]:
    """A short opinion from its first point on, as one; a longer one as its points."""
    own = sentences(opinion)
    rest = own[found[0].place + 1 :] if found else []
    if len(found) < 2 or not all(map(_ENDED.search, own)) or leaks(opinion) or echoes(opinion):
        return found
    text = _NO_SPACE_AFTER.sub("", " ".join([without_opening(own[found[0].place]), *rest]))
    if length_of(text) > most:
        return found
    return [replace(found[0], text=polished(text), condition=states_condition(text))]


def _runs(own: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Runs of sentences that belong together, with the place of the first."""
    run, begun = "", 0
    for place, sentence in enumerate(own):
        words_so_far = length_of(run)
        goes_on = leans(sentence) or (words_so_far < _ANSWER and _ENDED.search(run))
        if run and goes_on and _fits(run, sentence):
            run = _NO_SPACE_AFTER.sub("", f"{run} {sentence}")
            continue
        stripped = without_opening(sentence)
        if not stripped or (leans(stripped) and not states_condition(stripped)):
            continue
        if run:
            yield begun, run
        run, begun = stripped, place
    if run:
        yield begun, run


def _fits(run: str, sentence: str) -> bool:
    """Whether a sentence may join a run: there is room, or it is a condition, which is always shown."""
    return length_of(run) + length_of(sentence) <= LONGEST or (leans(sentence) and states_condition(sentence))


def _vectors(texts: Sequence[str]) -> Floats:
    """Which words each text has: shape (texts, words), rows of unit length, or zero without a word."""
    told = [Counter(content(text)) for text in texts]
    common = Counter(word for counted in told for word in counted)
    columns = {word: at for at, (word, _) in enumerate(common.most_common(20_000))}
    rows = np.zeros((len(texts), max(len(columns), 1)))
    for row, counted in zip(rows, told, strict=True):
        row[[columns[word] for word in counted if word in columns]] = 1.0
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)


def _merits(found: Sequence[Said], vectors: Floats) -> list[float]:
    central = vectors @ vectors.sum(axis=0)
    most = float(central.max()) or 1.0
    return [
        _standing(point.text) * (0.5 + 0.5 * float(value) / most)
        for point, value in zip(found, central, strict=True)
    ]


def _standing(text: str) -> float:
    """How well a point stands alone, in (0, 1]."""
    said = words(normalised(text))
    standing = 1.0 if states_wish(text) else 0.75
    if _ASKS.search(text):
        standing *= 0.5
    if said and said[-1] in _POINTS_BACK:
        standing *= 0.7
    return standing if 4 <= length_of(text) <= 35 else standing * 0.7


def _best(found: Sequence[Said], merits: Sequence[float]) -> list[int]:
    """The places of at most `POOL` points: every member's best, then every member's second, and so on."""
    turn: Counter[int] = Counter()
    turns = []
    for at in sorted(range(len(found)), key=lambda at: (-merits[at], at)):
        (member,) = found[at].members
        turns.append((turn[member], -merits[at], at))
        turn[member] += 1
    return sorted(at for _, _, at in sorted(turns)[:POOL])


def _joined(found: Sequence[Said], vectors: Floats) -> list[Said]:
    """The points, each set of those that say the same as one, in its best words."""
    signs = [(point.condition, *_signs(point.text)) for point in found]
    needed = np.array([_SAME_CONDITION if point.condition else _SAME for point in found])
    alike = vectors @ vectors.T >= needed
    taken: set[int] = set()
    joined = []
    for at in sorted(range(len(found)), key=lambda at: (-found[at].merit, found[at].text)):
        if at not in taken:
            same = [int(other) for other in np.flatnonzero(alike[at]) if signs[other] == signs[at]]
            same = [other for other in same if other not in taken] or [at]
            taken.update(same, [at])
            joined.append(_one(found[at], [found[other] for other in same]))
    return joined


def _one(best: Said, same: Sequence[Said]) -> Said:
    return replace(best, members=best.members.union(*(point.members for point in same)))


def _signs(text: str) -> tuple[frozenset[str], bool]:
    """What tells two texts of the same words apart: their numbers, and whether they deny."""
    form = normalised(text).split()
    numbers = frozenset(word for word in form if any(character.isdigit() for character in word))
    return numbers, sum(word in _DENIALS for word in form) % 2 == 1
