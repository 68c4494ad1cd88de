"""Where members stand on the question, and whether their wishes exclude one another.

Reads:  a question and the points of a group's opinions.
Gives:  the positions, each with whose it is, and whether together they exclude one another.
Refrains from guessing: a side is read from an opening ("Yes, …"), a verdict ("I am against …") or the
question's own verb ("we should not ban …"), a choice from a number or an option that the question names.
Nothing is read into reasons. An answer on a condition, or of two minds, is neither a yes nor a no, and who
does not mind has no position. Where a question asks which, when, where, who or how many, different answers
exclude one another. Questions and answers are read in English, German, French and Spanish; in other languages
a "yes" and a "no" are known, and no more. (`engine.question_kinds` tells more kinds, in English alone.)
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from engine.drafting.digest.points import Points, Said
from engine.drafting.digest.signs import (
    content,
    is_indifferent,
    is_mixed,
    states_condition,
    states_wish,
    without_opening,
)
from engine.text import normalised, sentences, stem, word_set

YES, NO = "Yes", "No"
_YES = word_set(
    "yes yeah yep yup ja oui si sí sì sim da tak да так evet نعم हाँ हां 是 是的 对 對 はい ええ 네 예"
)
_NO = word_set(
    "no nope nah nein nee nej nei non não nie нет ні hayır لا नहीं 不 不是 不行 不要 いいえ いや 아니요 아니오"
)
_PAUSE = re.compile(r"[.,;:!…–—،؛।。，、！；：｡]|\s-\s")
_ONLY = re.compile(
    r"(?:only|not (?:if|unless|before|without)|if|unless|provided|as long as|nur|erst|wenn|falls|seulement"
    r"|à condition|s[oó]lo|siempre que)\b",
    re.IGNORECASE,
)
_THUMB = re.compile("^\\W*?(?P<up>\U0001f44d)|^\\W*?\U0001f44e")
_AGAINST = re.compile(
    r"^(?:nope|nah|never|no (?:way|i|we|you|they|it|its)|(?:absolutely|definitely|certainly) not"
    r"|please (?:no|dont|do not))\b"
    r"|\b(?:i|we) (?:fully |strongly |really |would )?(?:disagree|oppose|object)\b"
    r"|\b(?:im|i am|we are) (?:all |sorry but |strongly |very much |totally )?(?:against|opposed)\b"
    r"|\bich bin (?:\w+ )?(?:dagegen|gegen)\b|\bje suis (?:\w+ )?contre\b|\bestoy (?:\w+ )?en contra\b"
)
_FOR = re.compile(
    r"^(?:yes|yeah|yep|yup|sure|okay|ok|gladly|agreed|absolutely|definitely|(?:great|good) idea"
    r"|(?:fine|all right) (?:by|with|for))\b"
    r"|\b(?:i|we) (?:fully |strongly |really |would )?(?:agree|support)\b"
    r"|\b(?:im|i am|we are) (?:all |strongly |very much )?(?:for|in favou?r|(?:okay|ok|fine) with)\b"
    r"|\b(?:im|i am) in(?: if\b|$)"
    r"|\bi (?:can|could) (?:accept|live with)\b|\b(?:okay|ok|fine|all right) (?:with|by|for) me\b"
    r"|\bich bin (?:\w+ )?(?:dafür|für)\b|\bje suis (?:\w+ )?pour\b|\bestoy (?:\w+ )?a favor\b"
)
_YES_NO_QUESTION = re.compile(
    r"^(?:should|shall|is|are|do|does|did|will|would|can|could|has|have|must|may|soll\w*|ist|sind|darf|dürfen"
    r"|muss|müssen|woll\w*|kann|können|brauchen|haben|faut il|devons nous|devrait on|doit on|peut on"
    r"|est ce que|allons nous|deber\w+|debemos|hay que|podemos|queremos)\b"
)
_CHOICE_QUESTION = re.compile(
    r"\b(?:how (?:many|much|often|long|far|big|large|late|early|high|fast|old|should|shall|do we|are we)"
    r"|which|when|where|who|what|wie (?:viele?|oft|lange|spät|früh|soll\w*)|welche\w*|wann|wo|wohin|wer|was"
    r"|combien|quel\w*|quand|où|qui|cuánt\w+|cuál\w*|cuándo|dónde|quién\w*|qué)\b"
)
_IDEAS_QUESTION = re.compile(
    r"\bwhat (?:else|matters|could|can|would help|might|do you|are your|ideas)\b|\b(?:why|warum|pourquoi)\b"
)
_QUANTITY_QUESTION = re.compile(
    r"\b(?:how (?:many|much|often|long|late|early|high|fast|old)|wie (?:viele?|oft|lange)|combien|cuánt\w+)\b"
)
_COUNTED = re.compile(r"\b(?:how many|wie viele|combien (?:de|d)|cuánt[oa]s) (\w+)")
_VERB = re.compile(
    r"^(?:should|shall|must|may|can|could|do|would) "
    r"(?:we|i|you|they|everyone|it|(?:the|our|my|all|every) \w+|\w+) (?:all |also |ever |still )?(\w+)"
)
_OPTIONS = re.compile(r"\s(?:or|oder|ou|o)\s")
_CLAUSES = re.compile(r"[,.;:!?–—]|\b(?:and|but|because|then|aber|weil)\b")
_SUPPOSES = re.compile(r"\b(?:if|unless|when|whether|wenn|falls|a \w+ that)\b")
_DENIES = word_set(
    "not dont never no against stop without cannot cant shouldnt wouldnt oppose shall nicht kein"
)
_WANTS = word_set("should must lets please support favour favor want")
_NUMBERS = {
    word: number
    for number, listed in enumerate(
        (
            "0 zero none nothing never no kein keine keinen null zéro aucun aucune jamais ninguno nunca",
            "1 one einmal un une uno una",
            "2 two twice zwei zweimal deux dos both",
            "3 three thrice drei dreimal trois tres",
            "4 four vier quatre cuatro",
            "5 five fünf cinq cinco",
            "6 six sechs seis",
            "7 seven sieben sept siete",
            "8 eight acht huit ocho",
            "9 nine neun neuf nueve",
            "10 ten zehn dix diez",
            "11 eleven elf onze",
            "12 twelve zwölf douze doce",
        )
    )
    for word in listed.split()
}
_NO_MORE = re.compile(
    r"\s*(?:$|[^\w\s]|(?:at all|please|(?:is|are) (?:enough|fine|plenty)|bitte"
    r"|reich(?:t|en)|suffi\w+|basta)\b)",
    re.IGNORECASE,
)
_TELLS = re.compile(r"(?:i|we|my|our|ich|wir|je|mon|ma|yo)\b", re.IGNORECASE)
_AT_ONCE = 3  # words at the head of an answer among which a number is the answer
_FILLING = word_set("please think prefer rather best good vote would say go take bitte lieber definit honest")


class Asks(Enum):
    """What a question asks for."""

    SIDE = "yes or no"
    CHOICE = "one of several"
    IDEAS = "anything"


@dataclass(frozen=True)
class Position:
    """One answer: `label` names it where it has a name; `members` by their place in `Points.opinions`."""

    label: str
    members: frozenset[int]


@dataclass(frozen=True)
class Positions:
    """All answers, the one of most members first.

    exclusive: whether not all of them can be had.
    sure: whether it is clear of every member which answer is theirs, or that theirs is none of them, so that
        members may be counted.
    """

    asks: Asks
    found: tuple[Position, ...]
    exclusive: bool
    sure: bool = False


def positions(question: str, points: Points) -> Positions:
    """Where the members of a group stand on the question."""
    asks = asked_for(question)
    if asks is Asks.CHOICE:
        return _chosen(question, points)
    found, sure = _sides(question, points)
    if asks is Asks.IDEAS and len(found) < 2:
        found = ()
    return Positions(asks, found, exclusive=len(found) > 1, sure=sure)


def asked_for(question: str) -> Asks:
    """What a question asks for, by its last sentence that asks."""
    asked = [sentence for sentence in sentences(question) if sentence.rstrip("\"'”’)").endswith("?")]
    form = normalised((asked or [question])[-1])
    if _YES_NO_QUESTION.match(form):
        return Asks.CHOICE if len(_options(question)) > 1 else Asks.SIDE
    if _IDEAS_QUESTION.search(form):
        return Asks.IDEAS
    return Asks.CHOICE if _CHOICE_QUESTION.search(form) else Asks.IDEAS


def side_of(sentence: str) -> int:
    """1 when a sentence opens with a yes or states support, -1 with a no or opposition, 0 with neither.

    A "no" needs a pause or a pronoun after it, and a word of another language a pause: "si" may also be an
    "if".
    """
    if thumb := _THUMB.match(sentence):
        return 1 if thumb["up"] else -1
    head = normalised(_PAUSE.split(sentence, maxsplit=1)[0])
    if head in _YES or head in _NO:
        return 1 if head in _YES else -1
    form = normalised(sentence)
    if _AGAINST.search(form):
        return -1
    return 1 if _FOR.search(form) else 0


# -- yes or no -----------------------------------------------------------------------------------


def _sides(question: str, points: Points) -> tuple[tuple[Position, ...], bool]:
    """Who says yes and who says no; and whether that is clear of everybody."""
    verb = _VERB.match(normalised(question))
    asked = stem(verb[1]) if verb else ""
    read = [_side_of_member(opinion, asked) for opinion in points.opinions]
    labelled = (
        Position(label, frozenset(member for member, (side, _) in enumerate(read) if side == sign))
        for label, sign in ((YES, 1), (NO, -1))
    )
    found = _largest_first(position for position in labelled if position.members)
    return found, all(sure for _, sure in read)


def _side_of_member(opinion: str, asked: str) -> tuple[int, bool]:
    """What the opinion opens with, else what all its other signs agree on; and whether that is clear.

    0 with True is an answer that is clearly neither: on a condition, or of two minds.
    """
    if is_indifferent(opinion):
        return 0, True
    said = sentences(opinion) or [opinion]
    opened = side_of(said[0])
    if is_mixed(opinion) or _on_condition(said, opened):
        return 0, True
    needs = any(map(states_condition, said))
    signs = {side_of(sentence) for sentence in said[1:]}
    signs |= {_by_verb(clause, asked) for sentence in said for clause in _CLAUSES.split(sentence.casefold())}
    signs -= {0}
    if opened:
        return (0, False) if -opened in signs else (opened, not needs)
    return (signs.pop(), not needs) if len(signs) == 1 else (0, False)


def _on_condition(said: Sequence[str], opened: int) -> bool:
    """Whether an opinion opens with a yes or a no on a condition, or with the condition itself."""
    first, *others = said
    if opened and states_condition(first):
        return True
    if opened and not without_opening(first) and others:
        first = others[0]
    return bool(_ONLY.match(without_opening(first))) and states_condition(first)


def _by_verb(clause: str, asked: str) -> int:
    """1 when a clause says that what the verb names should be done, -1 that it should not, else 0."""
    form = normalised(clause)
    found = form.split()
    stems = [stem(word) for word in found]
    if not asked or asked not in stems or _SUPPOSES.search(form):
        return 0
    if not _DENIES.isdisjoint(found):
        return -1
    return 1 if stems[0] == asked or not _WANTS.isdisjoint(found) else 0


# -- one of several ------------------------------------------------------------------------------


def _chosen(question: str, points: Points) -> Positions:
    options = _options(question)
    if _QUANTITY_QUESTION.search(normalised(question)):
        found = _by_number(points, question)
    elif options:
        found = _by_option(points, options)
    else:
        found = ()
    sure = _all_named(found, points)
    if len(found) < 2 and sum(len(position.members) for position in found) * 2 <= len(points.opinions):
        found, sure = _by_words(question, points), False
    return Positions(Asks.CHOICE, found, exclusive=len(found) > 1, sure=sure)


def _all_named(found: Sequence[Position], points: Points) -> bool:
    """Whether each member has an answer with a name or does not mind, and no condition beside it."""
    named = frozenset[int]().union(*(position.members for position in found if position.label))
    named |= {member for member, opinion in enumerate(points.opinions) if is_indifferent(opinion)}
    return len(named) == len(points.opinions) and not any(map(states_condition, points.opinions))


def answer_of(points: Points, member: int) -> Said | None:
    """The point with which a member answers a question that asks for one of several.

    It is the first, unless that only tells of the member and a later one says what ought to be done. There is
    none of a member who does not mind.
    """
    own = () if is_indifferent(points.opinions[member]) else points.of(member)
    if own and _TELLS.match(own[0].text) and not states_wish(own[0].text):
        return next((said for said in own if states_wish(said.text)), own[0])
    return next(iter(own), None)


def _by_number(points: Points, question: str) -> tuple[Position, ...]:
    """Members by the number that their answer holds; those of more than one number, or none, stand alone."""
    asked = set(content(question))
    counted = _COUNTED.search(normalised(question))
    what = f"{counted[1].capitalize()}: " if counted else ""
    found: dict[str, set[int]] = {}
    for member in range(len(points.opinions)):
        answer = answer_of(points, member)
        first = sentences(answer.text)[:1] if answer else []
        numbers = _numbers(first[0], asked) if first else []
        if len(numbers) == 1:
            found.setdefault(numbers[0], set()).add(member)
        elif answer:
            found.setdefault(f"?{member}", set()).add(member)
    named = sum(not label.startswith("?") for label in found)
    if not named:
        return ()
    kept = found if named > 1 else {label: who for label, who in found.items() if not label.startswith("?")}
    return _largest_first(
        Position("" if label.startswith("?") else f"{what}{label}", frozenset(who))
        for label, who in kept.items()
    )


def _numbers(text: str, asked: set[str]) -> list[str]:
    """The numbers in a sentence, each once: those of what is asked for, and one that is all it begins with.

    "None." is a number, the "Nothing" of "Nothing fixed." is not.
    """
    matches = list(re.finditer(r"\d+(?:[.,:]\d+)*|\w+", text.casefold()))
    tokens = [match[0] for match in matches]
    found = []
    for at, (match, token) in enumerate(zip(matches, tokens, strict=True)):
        of_what = set(content(" ".join(tokens[at + 1 : at + 3])))
        ends = bool(_NO_MORE.match(text[match.end() :]))
        if (at < _AT_ONCE and ends) or of_what & asked:
            found += [token] if token[0].isdigit() else [str(_NUMBERS[token])] if token in _NUMBERS else []
    return list(dict.fromkeys(found))


def _options(question: str) -> dict[str, str]:
    """The options that a question names around an "or": their words as written, by the word that tells."""
    asked = question.rstrip(" ?？؟\"'”’)")
    parts = _OPTIONS.split(f" {asked}")
    if len(parts) != 2:
        return {}
    before = [part for part in parts[0].split(",") if part.strip()]
    told = [*(part.split()[-1] for part in before[-3:]), *_telling(parts[1])]
    options = {}
    for word in told:
        if stems := content(word):
            options[stems[-1]] = word.strip(" ,.;:!\"'“”")
    return options if len(options) > 1 else {}


def _telling(after: str) -> list[str]:
    """The word of the last option that tells it from the others: its first that is about something."""
    return next(([word] for word in reversed(after.split()[:3]) if content(word)), [])


def _by_option(points: Points, options: dict[str, str]) -> tuple[Position, ...]:
    """Members by the one option that they name; those who speak well of several stand with none."""
    found: dict[str, set[int]] = {}
    for member, opinion in enumerate(points.opinions):
        if is_indifferent(opinion):
            continue
        named = {told for sentence in sentences(opinion) for told in options if told in _affirmed(sentence)}
        if len(named) == 1:
            found.setdefault(named.pop(), set()).add(member)
    return _largest_first(Position(options[told], frozenset(who)) for told, who in found.items())


def _affirmed(sentence: str) -> set[str]:
    """What a sentence is about, without what it turns down ("rather than …", "not …")."""
    turned_down = r"\b(?:not|rather than|instead of|over|than|never|no|nicht|statt|als)\b"
    kept = re.split(turned_down, sentence, flags=re.IGNORECASE)
    return set(content(kept[0]))


def _by_words(question: str, points: Points) -> tuple[Position, ...]:
    """Members by what their answers are about; those whose answers share most of their words are together."""
    about: list[tuple[set[str], set[int]]] = []
    asked = set(content(question)) | _FILLING
    for member in range(len(points.opinions)):
        answer = answer_of(points, member)
        first = sentences(answer.text)[:1] if answer else []
        words = set(content(first[0])) - asked if first else set()
        if not words:
            continue
        for others, who in about:
            if len(words & others) * 2 > min(len(words), len(others)):
                others |= words
                who.add(member)
                break
        else:
            about.append((words, {member}))
    return _largest_first(Position("", frozenset(who)) for _, who in about)


def _largest_first(found: Iterator[Position] | Sequence[Position]) -> tuple[Position, ...]:
    return tuple(sorted(found, key=lambda position: (-len(position.members), min(position.members))))
