"""Trying other seats: which draft another jury would have chosen, for those who run a question.

Reads:  a round's kept rewards, and what members answered about themselves with their opinions.
Gives:  the draft that wins with some seats (`OtherSeats`), or in a sentence why nothing is told.
Nothing before `Deliberation.shows_predictions`: it would steer a vote. No group of fewer than three has a
seat, nor has one whose seats would leave fewer than three others: they could be told from all without it. In
an anonymous question that somebody left, what changed by that would tell what they agreed with. No number of
any group is told.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.deliberation import Deliberation
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

    attributes: those by which seats can be given, by their labels. seats: of each group that may be told of.
    statement: the winner's words; empty where nobody has a seat. is_same: it is the one that was chosen, or
    the reward model can't tell them apart. hidden: some answers have no seat, because too few gave them.
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
    by_label = {each.label: each for each in deliberation.terms.attributes}
    chosen = by_label.get(attribute) or next(iter(by_label.values()))
    values = await _values(chosen.label, deliberation, mediation, ports)
    present = Counter(values.values())
    shown = told_groups({value: present[value] for value in chosen.values}, len(mediation.participants))
    usual = _usual(chosen.label, shown, deliberation)
    seats = {
        value: min(usual[value] if given is None else given.get(place, 0), MOST_SEATS)
        for place, value in enumerate(shown)
    }
    found = OtherSeats(tuple(by_label), chosen.label, seats, hidden=len(shown) < len(chosen.values))
    if not shown:
        return OtherSeats(tuple(by_label), chosen.label, why_not=str(jury_lines.SEATS_TOO_FEW))
    if not any(seats.values()):
        return found
    winner = winner_with(mediation, {who: value for who, value in values.items() if value in shown}, seats)
    text = mediation.candidates[winner].text or str(jury_lines.DRAFT_DELETED)
    return replace(found, statement=text, is_same=winner == mediation.winner)


async def _values(
    label: str, deliberation: Deliberation, mediation: Mediation, ports: Ports
) -> Mapping[str, str]:
    """By participant of the round, what they answered."""
    heard = frozenset(mediation.participants)
    opinions = await ports.contributions.opinions(deliberation.id)
    return {
        each.participant: each.attributes[label]
        for each in opinions
        if label in each.attributes and each.participant in heard
    }


def _usual(label: str, shown: Sequence[str], deliberation: Deliberation) -> Mapping[str, int]:
    """The seats of the question's jury, in proportion where a page has fewer; else equal ones."""
    jury = deliberation.terms.jury
    if jury is None or jury.attribute != label:
        return dict.fromkeys(shown, USUAL_SEATS)
    most = max(MOST_SEATS, *jury.seats.values())
    return {value: round(jury.seats.get(value, 0) * MOST_SEATS / most) for value in shown}


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
