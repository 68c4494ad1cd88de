"""What pages show of opinion groups: a map, and how each group takes the statement.

Reads:  a mediation's groups, and ratings where everybody saw them given.
Gives:  marks, bars and sentences to the templates; nothing before the vote is over (`told_groups`).
Refrains from saying who is in a group. In an anonymous question a mark is a whole group, which has three
members or more, and nobody's own point is drawn. How a group rated is told where ratings were public, since
it would tell something of each member's: and then of three raters or more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.deliberation import Deliberation
from bot.domain.kept_mediation import in_sum
from bot.pictures import charts
from bot.pictures.charts import Bar, Map
from bot.service.ports import Ports
from bot.wording import group_lines, page_lines
from bot.wording.cards import told_groups
from bot.wording.language import decimals, number
from engine.types import Mediation, OpinionGroup

MOST_DRAWN = 500
"""Of so many members each has a mark on the map; of more, a mark is a whole group."""


@dataclass(frozen=True)
class Groups:
    """Opinion groups, the largest first.

    map: None where there is none. members: whether a mark is one member, and not a whole group.
    bars, sizes, rated: of each group the likely agreement, the members, and the mean rating in words; `rated`
        is empty where no group's is told.
    told: how many there are, how they take the statement, whether another draft would unite them more.
    unites, divides: those drafts' places, for those who may read drafts.
    """

    map: Map | None
    members: bool
    bars: list[Bar]
    sizes: list[str]
    rated: list[str]
    told: list[str]
    unites: int | None
    divides: int | None

    shapes = charts.SHAPES

    @property
    def height(self) -> float:
        """Of the bars."""
        return charts.ROW * len(self.bars)

    @property
    def mapped(self) -> str:
        """How to read the map."""
        return page_lines.mapped(members=self.members)

    @property
    def bars_told(self) -> str:
        """The bars in words."""
        return group_lines.groups_told((bar.label, bar.shown) for bar in self.bars)


async def groups_shown(
    deliberation: Deliberation, mediation: Mediation | None, ports: Ports
) -> Groups | None:
    """The groups of a vote that is over; None where nothing may be told of them, or there are none."""
    groups = told_groups(deliberation, mediation) if mediation else ()
    if mediation is None or not groups:
        return None
    members = not deliberation.terms.anonymous and in_sum(mediation).people <= MOST_DRAWN
    whose = await _with_members(groups, deliberation, ports, wanted=members)
    return Groups(
        map=charts.group_map(whose, members=members),
        members=members,
        bars=charts.group_rows(groups),
        sizes=[number(group.size) for group in groups],
        rated=await _rated(whose, deliberation, ports),
        told=_told(groups, mediation),
        unites=mediation.unites,
        divides=mediation.divides,
    )


async def _with_members(
    groups: Sequence[OpinionGroup], deliberation: Deliberation, ports: Ports, *, wanted: bool
) -> Sequence[OpinionGroup]:
    """With who is in them, where each is drawn, or rated in public: both is of what a chat can hold."""
    if not wanted and not deliberation.terms.rated_in_public:
        return groups
    whole = await ports.mediations.mediation(deliberation.id, deliberation.round)
    return whole.groups if whole else groups


async def _rated(groups: Sequence[OpinionGroup], deliberation: Deliberation, ports: Ports) -> list[str]:
    """Each group's mean rating; nothing of one that too few of rated, and nothing at all where all are so."""
    if not deliberation.terms.rated_in_public:
        return []
    fewest = deliberation.terms.fewest_ratings
    ratings = await ports.contributions.ratings(deliberation.id, deliberation.round)
    values = {rating.participant: rating.value for rating in ratings}
    given = [[values[who] for who in group.participants if who in values] for group in groups]
    told = [decimals(sum(own) / len(own), 1) if len(own) >= fewest else "" for own in given]
    return told if any(told) else []


def _told(groups: Sequence[OpinionGroup], mediation: Mediation) -> list[str]:
    told = [group_lines.groups_found(groups), group_lines.groups_against(groups)]
    if len(mediation.candidates) > 1:
        best = mediation.unites == mediation.winner
        told.append(str(page_lines.UNITES_MOST if best else page_lines.OTHER_UNITES))
        if mediation.divides == mediation.winner:
            told.append(str(page_lines.DIVIDES_MOST))
    return told
