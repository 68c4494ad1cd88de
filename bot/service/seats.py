"""Trying other seats: which draft another jury would have chosen, for those who run a question.

Reads:  a round's kept rewards, and what members answered about themselves with their opinions.
Gives:  the draft that wins with some seats (`OtherSeats`), or in a sentence why nothing is told.
Nothing before `Deliberation.shows_predictions`: it would steer a vote. No group of fewer than three has a
seat, nor has one whose seats would leave fewer than three others: they could be told from all without it. By
several attributes seats are given only where three or more have the same groups by all of them. In
an anonymous question that somebody left, what changed by that would tell what they agreed with. No number of
any group is told.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.deliberation import Deliberation
from bot.domain.juries import MemberAttribute
from bot.domain.ratings import FEWEST_RATINGS
from bot.service.ports import Ports
from bot.wording import jury_lines
from bot.wording.cards import is_of_few
from engine.types import Mediation

MOST_SEATS = 12
"""Of one value, on a page."""
USUAL_SEATS = 4
WinnerWith = Callable[[Mediation, Mapping[str, str], Mapping[str, int]], int]
"""From a round, participants' values and seats to the place of the winner (`engine.groups.jury_choice`)."""


@dataclass(frozen=True)
class OtherSeats:
    """What juries with these seats choose.

    attributes: those by which seats can be given, by their labels, that of the question's jury first.
    seats: of each group that may be told of.
    statement: the winner's words; empty where nobody has a seat. is_same: it is the one that was chosen, or
    the reward model can't tell them apart. hidden: some answers have no seat, because too few gave them, or
    gave them together with others.
    why_not: why nothing is told; then all else is empty.
    """

    attributes: Sequence[str] = ()
    attribute: str = ""
    seats: Mapping[str, int] = field(default_factory=dict)
    statement: str = ""
    is_same: bool = False
    hidden: bool = False
    why_not: str = ""


async def other_seats(
    deliberation: Deliberation,
    participant: str,
    ports: Ports,
    winner_with: WinnerWith,
    attribute: str = "",
    given: Mapping[int, int] | None = None,
) -> OtherSeats:
    """Hear juries with other seats, for somebody who runs the question.

    participant: as whom they rate. attribute: by whose values seats are given; the first where there is none.
    given: seats by the group's place; None for those of the question's jury, or equal ones.
    """
    id_, round_ = deliberation.id, deliberation.round
    rated = await ports.contributions.rating(id_, round_, participant)
    if not deliberation.shows_predictions(has_rated=rated is not None):
        return OtherSeats(why_not=str(jury_lines.SEATS_NOT_YET))
    mediation = await ports.mediations.mediation(id_, round_)
    if mediation is None or _is_untold(deliberation, mediation):
        return OtherSeats(why_not=str(jury_lines.SEATS_UNTOLD))
    answers = await _answers(deliberation, mediation, ports)
    asked = _asked(deliberation)
    told = told_together({each.label: each.values for each in asked}, answers)
    label = attribute if attribute in told else next(iter(told))
    shown = told[label]
    usual = _usual(label, shown, deliberation)
    seats = {
        value: min(usual[value] if given is None else given.get(place, 0), MOST_SEATS)
        for place, value in enumerate(shown)
    }
    offered = next(each.values for each in asked if each.label == label)
    hidden = len(told) < len(asked) or len(shown) < len(offered)
    found = OtherSeats(tuple(told), label, seats, hidden=hidden)
    if not shown:
        return OtherSeats(tuple(told), label, why_not=str(jury_lines.SEATS_TOO_FEW))
    if not any(seats.values()):
        return found
    values = {who: each[label] for who, each in answers.items() if each.get(label) in shown}
    winner = winner_with(mediation, values, seats)
    text = mediation.candidates[winner].text or str(jury_lines.DRAFT_DELETED)
    return replace(found, statement=text, is_same=winner == mediation.winner)


def _asked(deliberation: Deliberation) -> Sequence[MemberAttribute]:
    """The question's attributes, that of its jury first."""
    jury = deliberation.terms.jury
    return sorted(deliberation.terms.attributes, key=lambda each: not jury or each.label != jury.attribute)


async def _answers(
    deliberation: Deliberation, mediation: Mediation, ports: Ports
) -> Mapping[str, Mapping[str, str]]:
    """By participant of the round, what they answered, by attribute."""
    opinions = await ports.contributions.opinions(deliberation.id)
    given = {each.participant: each.attributes for each in opinions}
    return {who: given.get(who, {}) for who in mediation.participants}


def _usual(label: str, shown: Sequence[str], deliberation: Deliberation) -> Mapping[str, int]:
    """The seats of the question's jury, in proportion where a page has fewer; else equal ones."""
    jury = deliberation.terms.jury
    if jury is None or jury.attribute != label:
        return dict.fromkeys(shown, USUAL_SEATS)
    most = max(MOST_SEATS, *jury.seats.values())
    return {value: round(jury.seats.get(value, 0) * MOST_SEATS / most) for value in shown}


def told_together(
    offered: Mapping[str, Sequence[str]], answers: Mapping[str, Mapping[str, str]]
) -> dict[str, list[str]]:
    """By attribute the groups that may have seats, of those attributes that may be told of together.

    Who is in one group and not in an almost equal one of another attribute could be told by taking the one
    from the other. Where three or more share all their groups, all that can be taken so is of three or more.

    offered: values by attribute, in the order in which attributes are told of. answers: by participant.
    """
    told: dict[str, list[str]] = {}
    alike: dict[str, tuple[str, ...]] = dict.fromkeys(answers, ())
    for label, values in offered.items():
        present = Counter(each.get(label) for each in answers.values())
        shown = told_groups({value: present[value] for value in values}, len(answers))
        own = {who: each.get(label, "") for who, each in answers.items()}
        finer = {who: (*alike[who], own[who] if own[who] in shown else "") for who in answers}
        if not told or min(Counter(finer.values()).values(), default=0) >= FEWEST_RATINGS:
            told[label], alike = shown, finer
    return told


def told_groups(present: Mapping[str, int], everybody: int) -> list[str]:
    """The groups that may have seats: each of three people or more, and so are all who are in none of them.

    present: how many answered what. everybody: all participants, those without an answer included.
    """
    shown = [value for value, count in present.items() if count >= FEWEST_RATINGS]
    while shown and 0 < everybody - sum(present[value] for value in shown) < FEWEST_RATINGS:
        shown.remove(min(shown, key=present.__getitem__))
    return shown


def _is_untold(deliberation: Deliberation, mediation: Mediation) -> bool:
    left = deliberation.terms.anonymous and mediation.forgotten
    unpredicted = mediation.models.unpredicted is not None
    nothing = not deliberation.terms.attributes
    return bool(left or unpredicted or nothing or is_of_few(deliberation, mediation))
