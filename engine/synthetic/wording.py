"""How people and groups say what they think: phrases of our own, filled with position statements.

Reads:  `phrases.yaml`, a question with its affirming and negating statements, and a stance.
Gives:  one person's opinion or one group's statement, in words, with a seeded random generator.
Refrains from numbers: who agrees with what, and how far, is `engine.training.data.rounds`.

Levels, for the curriculum: 1 the plain statement; 2 common ways of saying it, bare yes and no, reasons; 3
also opposites without "not", double negations, denials of the other side, concessions, slips of the keyboard;
4 also conditions, and statements that mention a reason of the other side, as juries write; 5 more of all.
"""

import re
from random import Random

from engine.synthetic.opposites import opposites
from engine.synthetic.phrases import PHRASES, REASONS, Side
from engine.synthetic.topics import Question

DENIED, SHORT, IMPLIED = 0.35, 0.12, 0.35
"""Shares of opinions, each of the rest: the other side denied, a bare answer, a view implied."""

_SHOUTED = re.compile(r"\b(?:NOT|NO|SOME|ALL)\b")
_SHOULD = re.compile(r"^(?P<subject>.{2,80}?) should (?P<verb>(?!not\b).+?)\.?$", re.IGNORECASE)
_ENDS_IT = (
    "ban|abolish|stop|end|scrap|prohibit|outlaw|forbid|eliminate|reduce|limit|restrict|cut|remove|discourage"
)
_BACKS_IT = (
    "allow|permit|legalise|legalize|introduce|build|fund|support|encourage|increase|expand|promote|adopt|"
    "subsidise|subsidize|provide|have|keep|continue|protect|use"
)
_TARGET = re.compile(
    rf"\bshould (?:(?P<ends>{_ENDS_IT})|(?P<backs>{_BACKS_IT})) (?P<object>[^,.]{{3,80}})\.?$"
    r"|^(?P<subject>[^,.]{3,80}) should be (?:(?P<ended>banned|abolished|scrapped|prohibited|outlawed|"
    r"reduced|forbidden|limited|restricted|eliminated)|(?P<backed>allowed|legalised|legalized|introduced|"
    r"permitted|kept|encouraged|increased|protected|subsidised|expanded))\.?$",
    re.IGNORECASE,
)
"""Statements that would end something, or that back it: who is for them dislikes it, or likes it."""
_OBJECT_FORM = {"we": "us", "i": "me", "they": "them", "he": "him", "she": "her"}


def clause(statement: str) -> str:
    """The statement as a clause: no full stop, a small first letter, "NOT" in small letters."""
    text = _SHOUTED.sub(lambda word: word.group().lower(), statement.strip().rstrip("."))
    first = text.split(" ", 1)[0]
    return text if first.isupper() else text[:1].lower() + text[1:]


def opinion(
    question: Question, side: Side, strength: float, level: int, rng: Random, *, asked: bool = True
) -> str:
    """One person's words for `side` (1 affirms), without bare answers unless the question was `asked`.

    `strength` in (0, 1]: below 0.6 hedged.
    """
    if level == 1:
        return _sentence(_own(question, side))
    if level >= 3 and rng.random() < DENIED:
        return _denial(question, side, strength, level, rng)
    plain = asked and strength >= 0.6
    if plain and rng.random() < SHORT:
        return _yes_or_no(question, side, rng)
    if plain and level >= 3 and rng.random() < IMPLIED:
        return _implied(question, side, rng)
    own = _worded(question, side, level, rng)
    return _fill(rng.choice(PHRASES["saying"] if strength >= 0.6 else _phrases("mild_saying", level)), a=own)


def group_statement(question: Question, side: Side, strength: float, level: int, rng: Random) -> str:
    """One group's words for `side`. `strength` in (0, 1]: above 0.9 no exception, below 0.6 conceding."""
    if level == 1:
        return _sentence(_own(question, side))
    if level >= 3 and rng.random() < 0.25:
        said = _group_denial(question, side, level, rng)
    else:
        said = _fill(rng.choice(PHRASES["group_saying"]), a=_worded(question, side, level, rng))
    if strength > 0.9:
        return f"{said} {rng.choice(PHRASES['group_strong'])}"
    if strength < 0.6:
        return _softened(question, side, said, level, rng)
    return said


def undecided(rng: Random) -> str:
    """One person's words for having no side."""
    return rng.choice(PHRASES["undecided"])


def divided(question: Question, rng: Random) -> str:
    """A group statement that takes no side."""
    own, other = clause(question.affirming), clause(question.negating)
    if rng.random() < 0.5:
        own, other = other, own
    return _fill(rng.choice(PHRASES["group_split"]), a=own, b=other)


def reasons(side: Side, count: int, *, group: bool, rng: Random) -> dict[str, str]:
    """Sentences for `count` reasons of one side, by their kind.

    Groups and people draw from the same phrases, so that the phrase betrays the side to nobody.
    """
    kinds = rng.sample(sorted(REASONS[side]), count)
    openings = ("We note that ", "This is because ", "") if group else ("", "", "I feel ", "After all, ")
    return {kind: _sentence(rng.choice(openings) + rng.choice(REASONS[side][kind])) for kind in kinds}


def concession(side: Side, rng: Random) -> tuple[str, str]:
    """A group's nod to a reason of the side that it does not take: the reason's kind, and the words."""
    other: Side = -1 if side == 1 else 1
    kind = rng.choice(sorted(REASONS[other]))
    return kind, _fill(rng.choice(PHRASES["jury_concession"]), c=rng.choice(REASONS[other][kind]))


def is_proposal(question: Question) -> bool:
    """Whether the question asks for something to be done: only then do the reasons fit."""
    return bool(_SHOULD.match(question.affirming))


def slip(text: str, rng: Random) -> str:
    """Typing as people do: small letters, a missing stop, two letters swapped."""
    kind = rng.randrange(4)
    if kind == 0:
        return text.lower()
    if kind == 1:
        return text.replace(".", "").replace(",", "")
    at = rng.randrange(max(1, len(text) - 2))
    if kind == 2 and text[at : at + 2].isalpha():
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text.replace("'", "")


def judgement(question: Question, side: Side, rng: Random) -> str:
    """A further sentence of one who has said their view: it judges, and repeats no word of the question."""
    return rng.choice(PHRASES[_takes(question, side)])


def _takes(question: Question, side: Side) -> str:
    if is_proposal(question):
        return "takes_for" if side == 1 else "takes_against"
    return "says_yes" if side == 1 else "says_no"


def filler(rng: Random) -> str:
    """A sentence that takes no side."""
    return rng.choice(PHRASES["filler"])


def _phrases(name: str, level: int) -> list[str]:
    return PHRASES[name] + (PHRASES[f"jury_{name}"] if level >= 4 else [])


def _own(question: Question, side: Side) -> str:
    return clause(question.affirming if side == 1 else question.negating)


def _worded(question: Question, side: Side, level: int, rng: Random) -> str:
    """The side's statement; from level 3 often through an opposite or another build of the sentence."""
    own = _own(question, side)
    if level < 3 or rng.random() < 0.35:
        return _contracted(own, rng)
    others = opposites(clause(question.affirming)) if side == -1 else []
    return rng.choice(others) if others else _contracted(own, rng)


def _contracted(text: str, rng: Random) -> str:
    if rng.random() < 0.4:
        return re.sub(r"\b(should|is|are|do|does|has|have|would|was) not\b", r"\1n't", text)
    if rng.random() < 0.3:
        return text.replace("should not", "should never")
    return text


def _denial(question: Question, side: Side, strength: float, level: int, rng: Random) -> str:
    """The side by denying the other, or by judging the act."""
    act = _SHOULD.match(question.affirming)
    if act is not None and rng.random() < 0.5:
        return _judged(act, side, level, rng)
    other: Side = -1 if side == 1 else 1
    templates = PHRASES["denying"] if strength >= 0.6 else PHRASES["mild_denying"]
    return _fill(rng.choice(templates), b=_worded(question, other, 3, rng))


def _group_denial(question: Question, side: Side, level: int, rng: Random) -> str:
    act = _SHOULD.match(question.affirming)
    if act is not None and rng.random() < 0.5:
        return _sentence(re.sub(r"\bI\b", "we", _judged(act, side, level, rng)))
    other: Side = -1 if side == 1 else 1
    return _fill(rng.choice(PHRASES["group_denying"]), b=_worded(question, other, 3, rng))


def _judged(act: re.Match[str], side: Side, level: int, rng: Random) -> str:
    subject = clause(act.group("subject"))
    words = subject.split()
    words[0] = _OBJECT_FORM.get(words[0], words[0])
    template = rng.choice(_phrases("for_acts", level) if side == 1 else PHRASES["against_acts"])
    return template.format(s=" ".join(words), p=subject, v=act.group("verb"))


def _softened(question: Question, side: Side, said: str, level: int, rng: Random) -> str:
    if level >= 3 and rng.random() < 0.5:
        other: Side = -1 if side == 1 else 1
        return _fill(rng.choice(PHRASES["conceding"]), b=_own(question, other)) + said[:1].lower() + said[1:]
    return f"{said} {rng.choice(_phrases('group_mild', level))}"


def _implied(question: Question, side: Side, rng: Random) -> str:
    """A view that does not repeat the statement: a judgement, or a liking for what it would end or back."""
    target = _TARGET.search(question.affirming)
    if target is None or rng.random() < 0.5:
        return judgement(question, side, rng)
    ends = bool(target["ends"] or target["ended"])
    liked = (side == 1) != ends
    thing = clause(target["object"] or target["subject"])
    return _sentence(rng.choice(PHRASES["likes" if liked else "dislikes"]).format(x=thing))


def _yes_or_no(question: Question, side: Side, rng: Random) -> str:
    answer = rng.choice(PHRASES["says_yes"] if side == 1 else PHRASES["says_no"])
    return f"{answer.rstrip('.')}, {_own(question, side)}." if rng.random() < 0.2 else answer


def _fill(template: str, **clauses: str) -> str:
    return _sentence(template.format(**clauses), stop=False)


def _sentence(text: str, *, stop: bool = True) -> str:
    end = "." if stop and text[-1:] not in ".!?" else ""
    return text[:1].upper() + text[1:] + end
