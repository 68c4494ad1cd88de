"""What is said of opinion groups once a vote is over, on pages and in chats.

Reads:  the groups that may be told of (`bot.wording.cards.told_groups`).
Gives:  sentences, which say nothing of who is in a group.
"""

from collections.abc import Iterable, Sequence

from bot.wording.language import _, _n, decimals, number
from engine.types import MIDPOINT, OpinionGroup


def group(place: int) -> str:
    """What an opinion group is called; place: the largest one's is 1."""
    return _("Group {number}").format(number=number(place))


def groups_found(groups: Sequence[OpinionGroup]) -> str:
    """How many there are, and what they are."""
    return _n(
        "There is {count} opinion group. Members of one group are likely to agree with much the same drafts.",
        "There are {count} opinion groups. Members of one group are likely to agree with much the same "
        "drafts.",
        len(groups),
    ).format(count=number(len(groups)))


def groups_against(groups: Sequence[OpinionGroup]) -> str:
    """How many of the groups the statement leaves out."""
    count = sum(each.welfare < MIDPOINT for each in groups)
    if not count:
        return _("No group is likely to disagree with the statement.")
    return _n(
        "{count} group is likely to disagree with the statement.",
        "{count} groups are likely to disagree with the statement.",
        count,
    ).format(count=number(count))


def groups_told(bars: Iterable[tuple[str, str]]) -> str:
    """How far each group is likely to agree, for whoever cannot see the picture."""
    # Translators: one of a list: an opinion group and its likely agreement, such as "Group 1: 5.6".
    each = _("{group}: {value}")
    told = "; ".join(each.format(group=name, value=value) for name, value in bars)
    return f"{told}."


def lines(groups: Sequence[OpinionGroup]) -> list[str]:
    """How the groups take the statement, where there is no picture: two lines, or none without groups."""
    if not groups:
        return []
    means = groups_told((group(at), decimals(each.welfare, 1)) for at, each in enumerate(groups, 1))
    return [
        f"{groups_found(groups)} {groups_against(groups)}",
        _("Likely agreement, from 1 to 7: {groups}").format(groups=means),
    ]
