"""The material of the extractive drafter: the members' sentences, and how well each speaks for the group.

Reads:  the opinions of one mediation, in any order.
Gives:  the best sentences, with their length, merit, writers and likeness to each other, and which of them
        take opposite sides.
Refrains from changing words: a sentence gets a capital and an ending, and is otherwise its writer's own.

A sentence has merit when it is close to what all opinions speak of (cosine of TF-IDF vectors with their sum,
each opinion counting once) and can stand alone and for a group; a question, a fragment and what one member
says of themselves have less.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats
from engine.errors import GenerationError
from engine.prompts import leaks
from engine.text import EMOJI, ENGLISH_FUNCTION_WORDS, normalised, sentences, stem, word_set, words

LONGEST = 120
"""Words of the longest statement."""
POOL = 300
"""Most sentences that are compared with each other; beyond that the ones of least merit are left out."""

_ONE_PERSON = word_set("i my me mine myself")
_POINTS_BACK = word_set("that this it them so either")
_LEANS_ON_ANOTHER = word_set("but however because also and or so this that they it he she i yes no well then")
_YES = word_set(
    "yes yeah yep yup ja oui si sí sì sim da tak да так evet نعم हाँ हां 是 是的 对 對 はい ええ 네 예"
)
_NO = word_set(
    "no nope nah nein nee nej nei non não nie нет ні hayır لا नहीं 不 不是 不行 不要 いいえ いや 아니요 아니오"
)
_PAUSE = re.compile(r"[.,;:!…–—،؛।。，、！；：｡]|\s-\s")
_ENGLISH_YES = re.compile(
    r"(?:yes|yeah|yep|yup|i (?:agree|support)|(?:im|i am) (?:all )?(?:for|in favou?r))\b"
)
_ENGLISH_NO = re.compile(
    r"(?:nope|nah|no (?:i|we|you|they|it|its)|i (?:disagree|oppose|object)|(?:im|i am) against)\b"
)
_ENDS = re.compile("[.!?…。！？｡؟۔।॥።][\"'”’»)\\]}」』]*$")
_ASKS = re.compile("[?？؟][\"'”’»)\\]}」』]*$")
_PICTURES = re.compile(rf"(?:\s*+[{EMOJI}]++)*$")
_LOOSE_END = re.compile(r"[\s,;:、，；：–—-]+$")
_FULL_STOPS = (
    (re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]$"), "。"),
    (re.compile("[\u0900-\u097f]$"), "।"),
    (re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]$"), ""),  # scripts that end sentences with a space
    (re.compile(r"\w$"), "."),
)

Weights = dict[str, float]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sentence:
    """writers: the opinions, by their place in the material, that hold it; place: when it is first read."""

    text: str
    writers: frozenset[int]
    place: int
    length: int


class Material:
    """The sentences of a set of opinions, best first.

    sentences: at most `POOL`.
    merit: shape (sentences,), in [0, 1].
    lengths: shape (sentences,), in words.
    likeness: shape (sentences, sentences), cosine in [0, 1].
    same_writer: shape (sentences, sentences), whether somebody wrote both.
    opposed: shape (sentences, sentences), whether one opens with a yes and the other with a no (`side_of`).
    """

    def __init__(self, opinions: Sequence[str]) -> None:
        """Raises GenerationError when the opinions hold no sentence that could stand in a statement."""
        self.opinions = sorted(set(opinions))  # the order in which they came must not matter here
        found = _sentences(self.opinions)
        if not found:
            raise GenerationError("The opinions hold no sentence that a statement could be made of.")
        rarity = _rarity(self.opinions)
        vectors = [_vector(sentence.text, rarity) for sentence in found]
        merits = _merits(found, vectors, _subject(self.opinions, rarity))
        best = _best(found, merits, most_of_one=max(3, POOL // len(self.opinions)))
        self.sentences = [found[at] for at in best]
        self.merit: Floats = np.array([merits[at] for at in best])
        self.likeness = _likeness([vectors[at] for at in best])
        self.lengths: Ints = np.array([sentence.length for sentence in self.sentences])
        wrote = np.zeros((len(best), len(self.opinions)))
        for row, sentence in zip(wrote, self.sentences, strict=True):
            row[list(sentence.writers)] = 1
        self.same_writer = wrote @ wrote.T > 0
        sides = np.array([side_of(sentence.text) for sentence in self.sentences])
        self.opposed: Bools = np.outer(sides, sides) < 0


def polished(sentence: str) -> str:
    """The sentence with a capital at its head and an ending, in the manner of its script."""
    pictures = _PICTURES.search(sentence)
    if pictures and pictures.group():
        return polished(sentence[: pictures.start()]) + pictures.group()
    sentence = _LOOSE_END.sub("", sentence)
    head, capital = sentence[:1], sentence[:1].upper()
    if len(capital) == 1 and not sentence[1:2].isupper() and "://" not in sentence.split()[0]:
        sentence = capital + sentence[len(head) :]
    if _ENDS.search(sentence):
        return sentence
    return sentence + next((stop for last, stop in _FULL_STOPS if last.search(sentence)), "")


def side_of(sentence: str) -> int:
    """1 when the sentence opens with a yes or "I support", -1 with a no or "I am against", 0 with neither.

    A "no" needs a pause or a pronoun after it, and a word of another language a pause: "si" may also be an
    "if". Nothing more is read into it: a side is seldom seen where there is none, and often overlooked.
    """
    form = normalised(sentence)
    head = normalised(_PAUSE.split(sentence, maxsplit=1)[0])
    if head in _YES or _ENGLISH_YES.match(form):
        return 1
    return -1 if head in _NO or _ENGLISH_NO.match(form) else 0


def length_of(text: str) -> int:
    """Words, where two characters of a script without spaces count as one."""
    return max(len(text.split()), len(words(normalised(text))) // 2)


def _sentences(opinions: Sequence[str]) -> list[Sentence]:
    """Each distinct sentence once, with all who wrote it; over-long ones only if there are no others."""
    texts: dict[str, str] = {}
    writers: dict[str, set[int]] = {}
    for writer, opinion in enumerate(opinions):
        for sentence in sentences(opinion):
            if not leaks(sentence):
                form = normalised(sentence)
                texts.setdefault(form, polished(sentence))
                writers.setdefault(form, set()).add(writer)
    found = [
        Sentence(text, frozenset(writers[form]), place, length_of(text))
        for place, (form, text) in enumerate(texts.items())
    ]
    return [sentence for sentence in found if sentence.length <= LONGEST] or found


def _rarity(opinions: Sequence[str]) -> Weights:
    """Inverse document frequency, smoothed so that a word in every opinion still counts."""
    holders = Counter(word for opinion in opinions for word in set(_content(opinion)))
    return {word: 1 + math.log(len(opinions) / count) for word, count in holders.items()}


def _content(text: str) -> list[str]:
    return [stem(word) for word in words(normalised(text)) if word not in ENGLISH_FUNCTION_WORDS]


def _vector(text: str, rarity: Weights) -> Weights:
    """TF-IDF of unit length; empty for a text of function words."""
    weights = {word: count * rarity[word] for word, count in Counter(_content(text)).items()}
    length = math.sqrt(sum(weight**2 for weight in weights.values()))
    return {word: weight / length for word, weight in weights.items()}


def _subject(opinions: Sequence[str], rarity: Weights) -> Weights:
    """What the group speaks of: the sum of the opinions' vectors."""
    subject: Weights = {}
    for opinion in opinions:
        for word, weight in _vector(opinion, rarity).items():
            subject[word] = subject.get(word, 0.0) + weight
    return subject


def _merits(found: Sequence[Sentence], vectors: Sequence[Weights], subject: Weights) -> list[float]:
    central = [sum(weight * subject[word] for word, weight in vector.items()) for vector in vectors]
    most = max(central) or 1.0
    pairs = zip(found, central, strict=True)
    return [_standing(sentence.text, sentence.length) * value / most for sentence, value in pairs]


def _standing(text: str, length: int) -> float:
    """How well a sentence stands alone and for a group, in (0, 1]; the rules on words know English only."""
    said = words(normalised(text))
    standing = 0.5 if _ASKS.search(text) else 1.0
    if length < 4:
        standing *= 0.6
    if said and said[0] in _LEANS_ON_ANOTHER:
        standing *= 0.7
    if said and said[-1] in _POINTS_BACK:
        standing *= 0.6
    # What one member says of themselves cannot be said by all.
    return standing * (0.3 if _ONE_PERSON.intersection(said) else 1.0)


def _best(found: Sequence[Sentence], merits: Sequence[float], *, most_of_one: int) -> list[int]:
    """The places of the sentences of most merit, no writer filling the pool alone."""
    taken: Counter[int] = Counter()
    best: list[int] = []
    for at in sorted(range(len(found)), key=lambda at: (-merits[at], at)):
        writer = min(found[at].writers)
        if taken[writer] < most_of_one and len(best) < POOL:
            taken[writer] += 1
            best.append(at)
    return best


def _likeness(vectors: Sequence[Weights]) -> Floats:
    columns = {word: at for at, word in enumerate(sorted({word for vector in vectors for word in vector}))}
    rows = np.zeros((len(vectors), len(columns)))
    for row, vector in zip(rows, vectors, strict=True):
        row[[columns[word] for word in vector]] = list(vector.values())
    return rows @ rows.T
