"""Whose agreement counts: what members are asked about themselves, and who sits on a jury.

Gives:  `MemberAttribute`, which a team has up to six of, and `SeatedJury`, which a question's terms may name.
Pure. What a member answers is kept with their opinion and goes with it; it is shown to themselves alone.
"""

from collections.abc import Collection, Mapping, Sequence

from pydantic import Field

from engine.types import Frozen

MOST_ASKED = 3
"""Questions about members in an opinion's window."""
MOST_ATTRIBUTES = 6
MOST_VALUES = 10
MOST_JURIES = 9
"""With everybody they make ten, and Slack draws no more choices below each other."""
MOST_SEATS = 100
LABEL_LIMIT = 45
"""Discord takes no longer label of an input."""
VALUE_LIMIT = 60
REPEAT = "repeat"
"""What an admin's line ends with where one member may have several seats."""
GROUP_MARK = "@"
"""What a value begins with that is a group of the platform: a user group of Slack, a role of Discord."""


class MemberAttribute(Frozen):
    """Something by which members differ: a question to them, or groups in which the platform has them.

    values: what can be answered, or names of groups, each beginning with `@`.
    """

    label: str
    values: tuple[str, ...]

    @property
    def of_groups(self) -> bool:
        """Whether the platform knows it, so that nobody is asked."""
        return self.values[0].startswith(GROUP_MARK)

    @property
    def line(self) -> str:
        """As admins write it (`bot.wording.jury_lines`)."""
        return f"{self.label}: {', '.join(self.values)}"


class SeatedJury(Frozen):
    """Who sits on a jury: so many members with each value of one attribute.

    with_replacement: whether one member may have several seats, where too few have that value.
    """

    name: str
    attribute: str
    seats: dict[str, int] = Field(min_length=1)
    with_replacement: bool = False

    @property
    def size(self) -> int:
        """All seats."""
        return sum(self.seats.values())

    @property
    def seated(self) -> Mapping[str, int]:
        """The values that have a seat."""
        return {value: count for value, count in self.seats.items() if count}

    @property
    def line(self) -> str:
        """As admins write it."""
        seats = ", ".join(f"{value} {count}" for value, count in self.seats.items())
        return f"{self.name} = {self.attribute}: {seats}{f'; {REPEAT}' if self.with_replacement else ''}"


def group_names(attributes: Collection[MemberAttribute]) -> frozenset[str]:
    """The groups of the platform that matter, without their mark and in small letters."""
    return frozenset(
        bare(value) for attribute in attributes if attribute.of_groups for value in attribute.values
    )


def bare(group: str) -> str:
    """A group's name as it is compared with the platform's."""
    return group.removeprefix(GROUP_MARK).strip().casefold()


def known_of(
    attributes: Sequence[MemberAttribute], answers: Mapping[int, str], groups: Collection[str]
) -> dict[str, str]:
    """What is known of one member, by attribute; nothing of what they left out.

    answers: by the attribute's place. groups: those they are in, as `bare` has them. Who is in several groups
    of one attribute counts in the first.
    """
    found: dict[str, str] = {}
    for place, attribute in enumerate(attributes):
        if attribute.of_groups:
            fitting = (value for value in attribute.values if bare(value) in groups)
        else:
            fitting = (value for value in attribute.values if value == answers.get(place))
        if (value := next(fitting, None)) is not None:
            found[attribute.label] = value
    return found
