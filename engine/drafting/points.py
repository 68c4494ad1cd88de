"""What the members of a group said, as points: each one member's own words, and fit to stand by itself.

Reads:  the opinions of one mediation, in any order.
Gives:  points with who said so, whether they state a condition or a need, and how well each speaks for the
        group; and what a member opened with, for `engine.drafting.positions`.
Refrains from changing words: a point is a run of one member's sentences without the "Yes, but" in front, and
with a capital and an ending. Sentences of two members never meet in one.

A sentence that leans on the one before it ("They are …", "Otherwise …", "But …") stays with that one, or is
left out; so do a few words, and the reason after an answer of a few words ("None at all. I moved away."). An
opinion that says yes to one part and no to another stays whole where there is room, and counts as a
condition. Points of several members that say the same are joined: the same words but for their order and
endings, the same numbers, and the same yes or no. The lists of words know English, German, French and
Spanish; elsewhere sentences are taken as they come.
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
_FRAGMENT = 4  # words under which a sentence stays with the one before it
_FEWEST = 2  # words of a sentence without its "Yes, but"
_SAME = 0.75  # likeness from which two points say the same
_SAME_CONDITION = 0.9  # the same for conditions, of which no part may be lost
_OPENING = re.compile(
    r"(?:thank you|thanks|many thanks|danke|merci|gracias|hi|hello"
    r"|yes|yeah|yep|no|nope|nah|well|ok|okay|sure|agreed|absolutely|definitely|honestly|of course"
    r"|ja|nein|klar|oui|non|s[ií]|claro|是的|不|نعم|لا|да|нет)\s*[,.!:;،，、–—-]+\s*",
    re.IGNORECASE,
)
_THANKS = re.compile(r"(?:many )?(?:thank|danke|merci|gracias|hi\b|hello)", re.IGNORECASE)
_JOINING = re.compile(
    r"(?:and|but|plus|yet|however|und|aber|et|mais|y|pero|ولكن|но|但是?)(?:,\s*|،\s*|\s+)", re.IGNORECASE
)
_LEANS = re.compile(
    r"(?:they|this|that|these|those|it|its|it['’]s|that['’]s|he|she|them|such|both|either|neither|otherwise"
    r"|because|which|who|so|then|therefore|also|too|instead|same|the same|or|thank you|thanks"
    r"|let (?:them|him|her|it)|and then|after that|that way|nor|hence|thus|likewise|similarly|besides|even so"
    r"|sie|es|er|dies\w*|dann|sonst|deshalb|deswegen|darum|weil|denn|dadurch|dabei|davon|damit|dafür|beides?"
    r"|(?i:das)\s+(?-i:[a-zäöü])\w*|ils?(?! (?:faut|y a))|elles?|cela|ça|ce|c['’]est|ceci|sinon|car|donc"
    r"|es[oa]s?|est[oa]s?|ell[oa]s?|porque|entonces|además|si no)(?=[\s,;:.!?]|$)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:(?<!even )(?<!as )(?<!what )(?<!know )(?<!see )(?<!ask )(?<!wonder )"
    r"(?<!nice )(?<!great )(?<!better )"
    r"if(?! need be| only| possible| we can\b| you ask)|unless|(?:as|so) long as"
    r"|provided|(?:on|under|one) condition|exempt\w*|except|exceptions?|but not|not before"
    r"|at (?:least|most) (?:\d+|an?|one|two|three|four|five|half|once|twice|every)"
    r"|(?<!not )only (?:if|when|with|after|for|from|at|in|where|once|on|makes?|helps?|works?)"
    r"|must (?:have|end|start|stay|remain|keep|get|include)"
    r"|must be (?:able|allowed|free|optional|accessible|near|back)"
    r"|no (?:later|earlier|more) than|i(?:['’]d| would)? need|(?:he|she|who|some) needs?"
    r"|(?:who|people|children|kids|parents|members) need|my \w+ needs?"
    r"|then i (?:can|could|would|will)|(?:who|some|children|kids|people|parents)(?: \w+)? depend"
    r"|(?:i|he|she|they|who|people|children|kids|parents|some)(?: \w+)? (?:can['’]t|cannot)"
    r"(?! wait| see| understand| believe| imagine| stand| help| stress| agree| support| think| remember)"
    r"|we (?:can['’]t|cannot) (?:come|make it|attend|afford)|i can(?:not|['’]t)? (?:only|afford)"
    r"|i(?:['’]m| am)? (?:have to(?! say| admit| agree)|allergic|unable|not able))\b"
    r"|\b(?:wenn|falls|sofern|solange|ausnahm\w+|au(?:ß|ss)er|mindestens|höchstens|brauche|angewiesen"
    r"|(?:ich|er|sie|wer|die|mein\w* \w+) brauch\w*|(?:nur|erst) (?:wenn|mit|nach|ab|für)"
    r"|(?:ich|er|mein\w* \w+) muss|muss ich|(?:ich kann|kann ich) (?:\w+ ){0,4}nicht)\b"
    r"|\b(?:à condition|sauf|seulement (?:si|avec)|tant que|(?<!avons )besoin|au moins|je dois"
    r"|ne (?:peux|peut|peuvent) pas)\b"
    r"|\b(?:siempre que|salvo|excepto|necesit(?!amos)\w+|s[oó]lo si|al menos|no puedo|debe haber)\b",
    re.IGNORECASE,
)
_NEED = re.compile(
    r"\b(?:wheelchair|crutch\w*|walking (?:stick|frame)|allerg\w+|intoleran\w+|diabet\w+|insulin|epilep\w+"
    r"|asthma\w*|migraines?|coeliac|celiac|gluten|lactose|vegan|vegetarian|halal|kosher|disab\w+|autis\w+"
    r"|dyslex\w+|pregnan\w+|breastfe\w+|hearing aids?|dialysis|chemo\w*|pacemaker|pushchair|pram"
    r"|stroller|(?:i|who|he|she) works? nights|(?:night|late|early|double) shifts?"
    r"|(?:i['’]m|am|is|are) (?:blind|deaf))\b"
    r"|\b(?:rollstuhl\w*|krücken|rollator|behinder\w+|diabet\w+|schwanger\w*|gehörlos\w*"
    r"|(?:nacht|früh|spät)schicht\w*|kinderwagen)\b"
    r"|\b(?:handicap\w+|fauteuil roulant|béquilles|diabétique|enceinte|équipe de nuit)\b"
    r"|\b(?:silla de ruedas|muletas|alérgic\w+|discapaci\w+|embarazada|turno de noche)\b",
    re.IGNORECASE,
)
_SUPPOSES = re.compile(r"^(?:if|wenn|falls|si)\b", re.IGNORECASE)
_ON_WHICH = re.compile(
    r"\b(?:i['’](?:m|d|ll)|i (?:am|can|could|will|would)|my|fine|okay|ok|yes|in favou?r|must|should|agree"
    r"|welcome"
    r"|ich|mein\w*|dafür|je|mon|ma|yo|mi)\b",
    re.IGNORECASE,
)
_WHERE = r"(?:for|to|in|on|at|with|during|when|by|für|zu|bei|im|am|pour|à|en|para)\b"
_YES_TO = re.compile(rf"(?:yes|yeah|ja|oui|s[ií]|ok|okay|fine) {_WHERE}")
_NO_TO = re.compile(rf"(?:no|not|never|nein|nicht|non|pas) {_WHERE}")
_YES_AT_END = re.compile(rf"{_WHERE}.*\b(?:yes|ja|oui|s[ií])$")
_NO_AT_END = re.compile(rf"{_WHERE}.*\b(?:no|nein|non)$")
_BOTH = re.compile(
    r"\b(?:yes and no|ja und nein|jein|oui et non|sí y no|it (?:all )?depends|(?:i['’]?m|i am) torn"
    r"|kommt (?:\w+ )?darauf an|ça dépend|depende)\b",
    re.IGNORECASE,
)
_PLAIN_YES, _PLAIN_NO = word_set("yes yeah ja oui sí si"), word_set("no nope nein non")
_PARTS = re.compile(r"[,.;:!?–—]+|\b(?:and|but|und|aber|et|mais|y|pero)\b", re.IGNORECASE)
_SAYS_MUCH = re.compile(
    r"[?？؟]|\b(?:who|how|why|when|where|which|what about|wer|wie|warum|qui|comment|pourquoi|quién|cómo)\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|half|once|twice|hundred|thousand"
    r"|zwei|drei|vier|fünf|zehn|halb\w*|deux|trois|quatre|cinq|dix|dos|tres|cuatro|cinco|diez)\b",
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
    telling: how much would be missed without it, in [0, 1]: what is asked, counted, wished or needed, and
        what others do not say.
    """

    text: str
    members: frozenset[int]
    place: int
    condition: bool
    merit: float = 0.0
    telling: float = 0.0


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
        found = _weighed(found, vectors)
        kept = _best(found, [said.merit for said in found])
        return _joined([found[at] for at in kept], vectors[kept])

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
    """Whether a text states a condition, or what somebody needs or cannot do, or is of two minds."""
    return bool(_NEED.search(text)) or is_mixed(text) or any(map(_conditional, sentences(text) or [text]))


def _conditional(sentence: str) -> bool:
    """Whether a sentence makes something depend; an argument ("If it rains, we are broke") does not."""
    rest = without_opening(sentence) or sentence
    if _SUPPOSES.match(rest) and not _ON_WHICH.search(rest):
        return False
    return bool(_CONDITION.search(sentence))


def is_mixed(text: str) -> bool:
    """Whether a text says yes to one part and no to another, or that it depends."""
    if _BOTH.search(text):
        return True
    parts = [part.strip() for part in _PARTS.split(text.casefold()) if part.strip()]
    if not parts:
        return False
    yes = any(_YES_TO.match(part) or _YES_AT_END.match(part) for part in parts)
    no = any(_NO_TO.match(part) or _NO_AT_END.match(part) for part in parts)
    opened = normalised(parts[0])
    return (yes or opened in _PLAIN_YES) and (no or opened in _PLAIN_NO)


def states_wish(text: str) -> bool:
    """Whether a text says what ought to be done."""
    return bool(_WISH.search(text))


def _points_of(member: int, opinion: str) -> Iterator[Said]:
    """An opinion's points; where none stands alone, what there is."""
    own = [sentence for sentence in sentences(opinion) if not (leaks(sentence) or echoes(sentence))]
    runs = _mixed(own) or list(_runs(own)) or [(0, _spaced(own[:1]))]
    if not own:
        whole = " ".join(opinion.split())
        runs = [] if leaks(whole) or normalised(whole) else [(0, whole)]
    for place, text in runs:
        if shown := polished(text) or text:
            yield Said(shown, frozenset({member}), place, states_condition(shown))


def _mixed(own: Sequence[str]) -> list[tuple[int, str]]:
    """The opinion as one point where it is of two minds and that is not too long."""
    text = _spaced(own)
    ended = all(map(_ENDED.search, own[:-1]))
    return [(0, text)] if is_mixed(text) and ended and length_of(text) <= LONGEST else []


def _spaced(parts: Sequence[str]) -> str:
    return _NO_SPACE_AFTER.sub("", " ".join(parts))


def _whole(found: list[Said], opinion: str, most: int) -> list[Said]:
    """A short opinion from its first point on, as one; a longer one, or one with a need, as its points."""
    own = sentences(opinion)
    rest = own[found[0].place + 1 :] if found else []
    if len(found) < 2 or not all(map(_ENDED.search, own)) or leaks(opinion) or echoes(opinion):
        return found
    begun = own[found[0].place]
    stripped = without_opening(begun)
    text = _spaced([begun if not stripped or leans(stripped) else stripped, *rest])
    if length_of(text) > most or len({said.condition for said in found}) > 1:
        return found
    return [replace(found[0], text=polished(text), condition=states_condition(text))]


def _runs(own: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Runs of sentences that belong together, with the place of the first.

    A "Yes." alone is kept only where the next sentence leans on it. What leans on nothing that is shown is
    left out, but for a condition, which is shown with what stands before it.
    """
    run, begun, before = "", 0, ""
    for place, sentence in enumerate(own):
        stripped = without_opening(sentence)
        if run and _goes_on(run, sentence, stripped) and _fits(run, sentence):
            run = _spaced([run, sentence])
            continue
        if not stripped:
            before = "" if run or _THANKS.match(sentence) else sentence
            continue
        if leans(stripped) and not run:
            if before and (states_condition(sentence) or not without_opening(before)):
                run, begun, before = _spaced([before, sentence]), place - 1, ""
            elif states_condition(sentence):
                run, begun = sentence, place
            else:
                before = sentence
            continue
        if leans(stripped):
            continue
        if run:
            yield begun, run
        run, begun, before = stripped, place, ""
    if run:
        yield begun, run


def _goes_on(run: str, sentence: str, stripped: str) -> bool:
    """Whether a sentence cannot stand without the run before it, or the run not without the sentence."""
    if leans(sentence) or leans(stripped) or _JOINING.match(sentence):
        return True
    short = length_of(run) < _ANSWER or (length_of(sentence) < _FRAGMENT and not _THANKS.match(sentence))
    return short and bool(_ENDED.search(run))


def _fits(run: str, sentence: str) -> bool:
    """Whether a sentence may join a run: there is room, or it is a condition that leans on it."""
    leaning = leans(sentence) or leans(without_opening(sentence))
    return length_of(run) + length_of(sentence) <= LONGEST or (leaning and states_condition(sentence))


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


def _weighed(found: Sequence[Said], vectors: Floats) -> list[Said]:
    """The points with their merit, to which the words of others add, and how telling they are."""
    central = vectors @ vectors.sum(axis=0)
    shares = central / (float(central.max()) or 1.0)
    return [
        replace(said, merit=_standing(said) * (0.5 + 0.5 * share), telling=_telling(said) * (1 - 0.3 * share))
        for said, share in zip(found, shares.tolist(), strict=True)
    ]


def _standing(point: Said) -> float:
    """How well a point stands alone, in (0, 1]."""
    said = words(normalised(point.text))
    standing = 1.0 if states_wish(point.text) else 0.75
    if said and said[-1] in _POINTS_BACK:
        standing *= 0.7
    return standing if 4 <= length_of(point.text) <= LONGEST else standing * 0.7


def _telling(point: Said) -> float:
    """How much a point tells, in (0, 1], by the signs in it; a general remark has none."""
    signs = (
        point.condition,
        states_wish(point.text),
        bool(_SAYS_MUCH.search(point.text)),
        bool(_COUNTS.search(point.text)),
    )
    return _standing(point) * (0.4 + 0.2 * min(sum(signs), 3))


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
