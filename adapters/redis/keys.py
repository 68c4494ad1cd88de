"""Every key's name, and the one form in which times are kept.

Whatever belongs to one deliberation carries its id as a hash tag (`accord:{ID}:…`), so that Cluster keeps
it on one server, where one script can change several of its keys in one step.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.ratings import CHOSEN

DUE = "accord:due"
# Every channel of ours. An ACL user who is given the channels `accord:*` may ask for exactly this pattern.
LIVE_PATTERN = "accord:*"

# Sorted set: workers by their last sign of life.
WORKERS = "accord:workers"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# In timestamps.
DAY = timedelta(days=1) // _MICROSECOND


@dataclass(frozen=True)
class DeliberationKeys:
    """The keys of one deliberation. `…_given` holds when each participant last gave or withdrew, and under
    `participant:value` when they last took back that rating.
    """

    id: str

    @property
    def document(self) -> str:
        """Hash: version, accepts (what may be given now), doc (JSON), saver (of the last save)."""
        return f"accord:{{{self.id}}}:deliberation"

    @property
    def markers(self) -> str:
        """Hash: marker to who set it."""
        return f"accord:{{{self.id}}}:markers"

    @property
    def opinions(self) -> str:
        """Hash: participant to opinion."""
        return f"accord:{{{self.id}}}:opinions"

    @property
    def opinions_given(self) -> str:
        """Hash: participant to time."""
        return f"accord:{{{self.id}}}:opinions:given"

    @property
    def encoded(self) -> str:
        """Hash: participant to what a reward model made of the opinion, in bytes."""
        return f"accord:{{{self.id}}}:opinions:encoded"

    @property
    def unencoded(self) -> str:
        """Set: the participants whose opinions wait to be encoded."""
        return f"accord:{{{self.id}}}:opinions:unencoded"

    @property
    def baselines(self) -> str:
        """Hash: participant to agreement with the position statement."""
        return f"accord:{{{self.id}}}:baselines"

    @property
    def baselines_given(self) -> str:
        """Hash: participant to time."""
        return f"accord:{{{self.id}}}:baselines:given"

    def ratings(self, round_: int, statement_id: str = CHOSEN) -> str:
        """Hash: participant to rating."""
        return f"accord:{{{self.id}}}:ratings:{_of_round(round_, statement_id)}"

    def ratings_given(self, round_: int, statement_id: str = CHOSEN) -> str:
        """Hash: participant to time."""
        return f"{self.ratings(round_, statement_id)}:given"

    def statements(self, round_: int) -> str:
        """String: the statements that a study has rated in a round."""
        return f"accord:{{{self.id}}}:statements:{round_}"

    def mediation(self, round_: int) -> str:
        """String: the round's mediation."""
        return f"accord:{{{self.id}}}:mediation:{round_}"

    def all(self, rated: Mapping[int, Iterable[str]]) -> Iterator[str]:
        """Every key that a deliberation can have; `rated` has its statements' ids by round."""
        yield from (self.document, self.markers, self.opinions, self.opinions_given)
        yield from (self.encoded, self.unencoded, self.baselines, self.baselines_given)
        for round_, statement_ids in rated.items():
            yield from (self.mediation(round_), self.statements(round_))
            for statement_id in statement_ids:
                yield from (self.ratings(round_, statement_id), self.ratings_given(round_, statement_id))


def _of_round(round_: int, statement_id: str) -> str:
    """A round has one statement nearly always; a study's others stand beside it."""
    return str(round_) if statement_id == CHOSEN else f"{round_}:of:{statement_id}"


def live(deliberation_id: str) -> str:
    """The channel of a deliberation's live events."""
    return f"accord:{{{deliberation_id}}}:live"


def team_deliberations(team: str) -> str:
    """Sorted set: a team's deliberations by when they were created."""
    return f"accord:{{{team}}}:team:deliberations"


def team_settings(team: str) -> str:
    """String: a team's settings."""
    return f"accord:{{{team}}}:team:settings"


def settings_changes(team: str) -> str:
    """List: who changed a team's settings, newest first."""
    return f"accord:{{{team}}}:team:changes"


def reminders(team: str) -> str:
    """Hash: a member's pseudonym to `time:1` or `time:0`, whether they want to be reminded."""
    return f"accord:{{{team}}}:team:reminders"


def learning(team: str) -> str:
    """Hash: a member's pseudonym to `time:1` or `time:0`, whether their opinions may be learnt from."""
    return f"accord:{{{team}}}:team:learning"


def templates(team: str) -> str:
    """Hash: name to question template."""
    return f"accord:{{{team}}}:library:templates"


def bank(team: str) -> str:
    """Hash: id to question."""
    return f"accord:{{{team}}}:library:bank"


def schedules(team: str) -> str:
    """Hash: id to schedule."""
    return f"accord:{{{team}}}:library:schedules"


# Set: the teams that have, or once had, schedules.
SCHEDULING_TEAMS = "accord:library:teams"


def message(platform: str, channel: str, message_id: str) -> str:
    """String: the deliberation that a platform's message belongs to."""
    return f"accord:message:{json.dumps((platform, channel, message_id))}"


def feedback_index(team: str) -> str:
    """Sorted set: the deliberations that a team has feedback of, by when they settled."""
    return f"accord:{{{team}}}:feedback"


def feedback(team: str, deliberation_id: str) -> str:
    """Hash: `round:participant:statement` to feedback record."""
    return f"accord:{{{team}}}:feedback:{deliberation_id}"


# Set: the teams that have, or once had, feedback.
LEARNING_TEAMS = "accord:feedback:teams"


def timestamp(moment: datetime) -> int:
    """Microseconds since 1970: whole numbers, which a sorted set and Lua hold exactly until the year 2255."""
    return (moment - _EPOCH) // _MICROSECOND
