"""How people and groups say what they think: templates of our own, filled with position statements.

Reads:  a question with its affirming and negating statements, and a stance.
Gives:  one person's opinion or one group's statement, in words, with a seeded random generator.
Refrains from numbers: who agrees with what, and how far, is `engine.training.rounds`.

Levels, for the curriculum: 1 the plain statement; 2 common ways of saying it, bare yes and no, reasons; 3 also
opposites without "not", double negations, denials of the other side, concessions and slips of the keyboard.
"""

import re
from random import Random
from typing import Literal

from engine.training.opposites import opposites
from engine.training.reasons import CON, PRO, Reason
from engine.training.sources import Question

Side = Literal[1, -1]

SAYING = (
    "{a}.", "I think that {a}.", "I think {a}.", "I believe that {a}.", "I feel that {a}.", "In my opinion, {a}.",
    "Personally I'd say {a}.", "I agree that {a}.", "I'm convinced that {a}.", "My view is that {a}.",
    "I would argue that {a}.", "To me it is clear that {a}.", "I support the view that {a}.", "imo {a}",
    "I strongly believe {a}.", "Honestly, {a}.", "I'm of the opinion that {a}.", "There's no doubt that {a}.",
    "As far as I'm concerned {a}.", "It seems obvious to me that {a}.", "I've always felt that {a}.",
)  # fmt: skip
YES = (
    "Yes.", "Yes", "Yes, I agree.", "Yes, definitely.", "Absolutely.", "Of course.", "yes", "Yeah", "Yep.",
    "I agree.", "Definitely yes.", "Yes, I think so.", "I'm in favour.", "I'm all for it.", "I would support this.",
    "I support this.", "Certainly.", "Sure, why not.", "I agree with this completely.", "100% yes", "For sure!",
    "Without a doubt.", "Very much in favour of this.", "I'd welcome it.", "Agreed",
)  # fmt: skip
NO = (
    "No.", "No", "No, I disagree.", "No, definitely not.", "Absolutely not.", "Of course not.", "no", "Nope", "Nah.",
    "I disagree.", "Definitely no.", "No, I don't think so.", "I'm against it.", "I'm opposed to this.",
    "I would oppose this.", "I don't support this.", "Certainly not.", "No way.", "I disagree with this completely.",
    "100% no", "Never!", "Under no circumstances.", "Very much against this.", "I'd hate to see it.", "I reject this.",
)  # fmt: skip
DENYING = (
    "I don't think that {b}.", "I don't believe {b}.", "I disagree that {b}.", "I am against the idea that {b}.",
    "I doubt that {b}.", "It is a mistake to think that {b}.", "I reject the claim that {b}.",
    "I can't agree that {b}.", "It is simply wrong to say that {b}.", "Nobody can convince me that {b}.",
    "I refuse to accept that {b}.", "I'm not persuaded that {b}.", "It's a myth that {b}.",
    "People say that {b}. I disagree.", "I've heard it said that {b}, but I see it the opposite way.",
    "I'm opposed to the view that {b}.", "I wouldn't say that {b}.", "It is false that {b}.",
    "Some people think {b}. They are mistaken.", "I'm sceptical when people claim that {b}.",
)  # fmt: skip
MILD_SAYING = (
    "On balance I think {a}.", "I lean towards thinking that {a}.", "I suppose {a}, on the whole.",
    "I'm not completely sure, but I think {a}.", "Probably {a}.", "I would cautiously say that {a}.",
    "It's a difficult one, but overall {a}.", "I slightly favour the view that {a}.", "Maybe {a}.",
    "I tend to think {a}.", "I could be persuaded otherwise, but for now I'd say {a}.",
)  # fmt: skip
MILD_DENYING = (
    "I'm not really convinced that {b}.", "On balance I don't think {b}.", "I'm rather doubtful that {b}.",
    "I have my reservations about whether {b}.", "I would hesitate to say that {b}.", "I'm a bit wary of the idea that {b}.",
)  # fmt: skip
UNDECIDED = (
    "I'm not sure about this.", "I can see both sides.", "It depends on the details.", "I have no strong opinion.",
    "I'm on the fence.", "There are good arguments on both sides and I can't decide.", "I don't know enough to say.",
    "I'm torn about this one.", "It really depends on how it is done.",
)  # fmt: skip
GROUP_SAYING = (
    "{a}.", "We believe that {a}.", "The group agrees that {a}.", "Our view is that {a}.", "We all agree that {a}.",
    "As a group we think that {a}.", "It is our opinion that {a}.", "We feel that {a}.", "Most of us believe that {a}.",
    "We are in favour of the view that {a}.", "The consensus is that {a}.", "After discussing it, we think {a}.",
    "There is broad agreement among us that {a}.", "We conclude that {a}.", "The majority of the group holds that {a}.",
)  # fmt: skip
GROUP_DENYING = (
    "We don't think that {b}.", "We do not believe that {b}.", "The group disagrees with the idea that {b}.",
    "We are against the view that {b}.", "The group rejects the claim that {b}.", "We doubt that {b}.",
    "As a group we cannot agree that {b}.", "Most of us are not persuaded that {b}.",
)  # fmt: skip
GROUP_STRONG = (
    "There should be no exceptions.", "We feel very strongly about this.", "This is beyond doubt for us.",
    "Nothing less would be acceptable.", "We see no good argument on the other side.", "This is urgent.",
)  # fmt: skip
GROUP_MILD = (
    "However, this should be reviewed regularly.", "This should be done gradually and with care.",
    "We recognise that there are good arguments on the other side.", "But it should depend on the circumstances.",
    "Even so, there may be exceptions.", "We would want to see more evidence before going further.",
    "Those who see it differently should be listened to.", "A compromise may be needed in practice.",
)  # fmt: skip
GROUP_SPLIT = (
    "Our group is divided. Some of us think that {a}, while others think that {b}.",
    "We could not reach agreement on this. There are good reasons to say that {a}, and equally good ones that {b}.",
    "It depends on the circumstances: in some cases {a}, in others {b}.",
    "Opinions in the group differ on whether {a}.",
    "We think more information is needed before deciding whether {a}.",
)  # fmt: skip
CONCEDING = ("Although some of us feel that {b}, ", "While we understand those who say that {b}, ",
             "Some may argue that {b}. Nevertheless, ", "Despite the concern that {b}, ")  # fmt: skip
FILLER = (
    "I've thought about this a lot.", "This is an important question.", "I talked about this with my family recently.",
    "It isn't a simple issue.", "Not everyone will like this.", "That is just how I see it.", "I know others see it differently.",
    "I'm no expert though.", "It affects people I know.",
)  # fmt: skip
FOR_ACTS = (
    "It would be right for {s} to {v}.", "It's high time for {s} to {v}.", "There is every reason for {s} to {v}.",
    "I'd be glad for {s} to {v}.", "It would be good for {s} to {v}.", "I would like {s} to {v}.",
)  # fmt: skip
AGAINST_ACTS = (
    "It would be wrong for {s} to {v}.", "It would be a mistake for {s} to {v}.", "There is no good reason for {s} to {v}.",
    "I would hate for {s} to {v}.", "There is no need for {s} to {v}.", "It is unnecessary for {s} to {v}.",
    "It would do more harm than good for {s} to {v}.", "I'd oppose any plan for {s} to {v}.", "It's a bad idea for {s} to {v}.",
    "Under no circumstances should {p} {v}.", "I'd rather see things stay as they are than for {s} to {v}.",
    "It is unreasonable to want {s} to {v}.", "I see no case for {s} to {v}.",
)  # fmt: skip

_SHOULD = re.compile(r"^(?P<subject>.{2,80}?) should (?P<verb>(?!not\b).+?)\.?$", re.IGNORECASE)
_OBJECT_FORM = {"we": "us", "i": "me", "they": "them", "he": "him", "she": "her"}


def clause(statement: str) -> str:
    """The statement as a clause: no full stop, a small first letter, "NOT" in small letters."""
    text = re.sub(r"\b(?:NOT|NO|SOME|ALL)\b", lambda word: word.group().lower(), statement.strip().rstrip("."))
    first = text.split(" ", 1)[0]
    return text if first.isupper() else text[:1].lower() + text[1:]


def opinion(question: Question, side: Side, strength: float, level: int, rng: Random) -> str:
    """One person's words for `side` (1 affirms). `strength` in (0, 1]: below 0.6 hedged."""
    if level == 1:
        return _sentence(_own(question, side))
    if level >= 3 and rng.random() < 0.4:
        return _denial(question, side, strength, rng)
    if rng.random() < (0.12 if strength >= 0.6 else 0.0):
        return _yes_or_no(question, side, rng)
    own = _worded(question, side, level, rng)
    return _fill(rng.choice(SAYING if strength >= 0.6 else MILD_SAYING), a=own)


def group_statement(question: Question, side: Side, strength: float, level: int, rng: Random) -> str:
    """One group's words for `side`. `strength` in (0, 1]: above 0.9 without exception, below 0.6 with concessions."""
    if level == 1:
        return _sentence(_own(question, side))
    if level >= 3 and rng.random() < 0.25:
        said = _group_denial(question, side, rng)
    else:
        said = _fill(rng.choice(GROUP_SAYING), a=_worded(question, side, level, rng))
    if strength > 0.9:
        return f"{said} {rng.choice(GROUP_STRONG)}"
    if strength < 0.6:
        return _softened(question, side, said, level, rng)
    return said


def undecided(rng: Random) -> str:
    """One person's words for having no side."""
    return rng.choice(UNDECIDED)


def divided(question: Question, rng: Random) -> str:
    """A group statement that takes no side."""
    own, other = clause(question.affirming), clause(question.negating)
    if rng.random() < 0.5:
        own, other = other, own
    return _fill(rng.choice(GROUP_SPLIT), a=own, b=other)


def reason(given: Reason, *, group: bool, rng: Random) -> str:
    """A sentence for a reason; groups and people draw from the same phrases, so that neither betrays the side."""
    phrase = rng.choice(given.phrases)
    opening = rng.choice(("We note that ", "This is because ", "") if group else ("", "", "I feel ", "After all, "))
    return _sentence(opening + phrase)


def reasons_for(side: Side) -> tuple[Reason, ...]:
    """The reasons that people of one side give about a proposal."""
    return PRO if side == 1 else CON


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


def filler(rng: Random) -> str:
    """A sentence that takes no side."""
    return rng.choice(FILLER)


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


def _denial(question: Question, side: Side, strength: float, rng: Random) -> str:
    """The side by denying the other, or by judging the act."""
    act = _SHOULD.match(question.affirming)
    if act is not None and rng.random() < 0.5:
        return _judged(act, side, rng)
    other: Side = -1 if side == 1 else 1
    templates = DENYING if strength >= 0.6 else MILD_DENYING
    return _fill(rng.choice(templates), b=_worded(question, other, 3, rng))


def _group_denial(question: Question, side: Side, rng: Random) -> str:
    act = _SHOULD.match(question.affirming)
    if act is not None and rng.random() < 0.5:
        return re.sub(r"\bI'd\b|\bI\b", "we", _judged(act, side, rng).replace("I'd", "We would").replace("I ", "We "))
    other: Side = -1 if side == 1 else 1
    return _fill(rng.choice(GROUP_DENYING), b=_worded(question, other, 3, rng))


def _judged(act: re.Match[str], side: Side, rng: Random) -> str:
    subject = clause(act.group("subject"))
    words = subject.split()
    words[0] = _OBJECT_FORM.get(words[0], words[0])
    template = rng.choice(FOR_ACTS if side == 1 else AGAINST_ACTS)
    return template.format(s=" ".join(words), p=subject, v=act.group("verb"))


def _softened(question: Question, side: Side, said: str, level: int, rng: Random) -> str:
    if level >= 3 and rng.random() < 0.5:
        other: Side = -1 if side == 1 else 1
        return _fill(rng.choice(CONCEDING), b=_own(question, other)) + said[:1].lower() + said[1:]
    return f"{said} {rng.choice(GROUP_MILD)}"


def _yes_or_no(question: Question, side: Side, rng: Random) -> str:
    answer = rng.choice(YES if side == 1 else NO)
    return f"{answer.rstrip('.')}, {_own(question, side)}." if rng.random() < 0.2 else answer


def _fill(template: str, **clauses: str) -> str:
    return _sentence(template.format(**clauses), stop=False)


def _sentence(text: str, *, stop: bool = True) -> str:
    end = "." if stop and text[-1:] not in ".!?" else ""
    return text[:1].upper() + text[1:] + end
