"""Every key's name, and the one form in which times are kept.

Whatever belongs to one deliberation carries its id as a hash tag (`accord:{ID}:…`), so that Cluster keeps
it on one server, where one script can change several of its keys in one step.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

from bot.domain.ratings import CHOSEN

DUE = "accord:due"
# Every channel of ours. An ACL user who is given the channels `accord:*` may ask for exactly this pattern.
LIVE_PATTERN = "accord:*"

# Sorted set: workers by their last sign of life.
WORKERS = "accord:workers"
# String: what members are told of the models, as the newest worker says.
MODEL_NOTICE = "accord:model-notice"

# Hash: the version of what is kept, and who changes it to a newer one (`schema`).
SCHEMA = "accord:schema"
# String: there while what is kept here is being put back from a backup (`backup.restoring`).
RESTORING = "accord:restoring"

# Sorted set: deliberations that were deleted, by when (`erasures`).
DELETED = "accord:deleted"

# Sorted set: what was ended for good, `token:ID` and `webhook:ID`, by when (`erasures`).
REVOKED = "accord:revoked"

# Never there: what is written where it is tried whether writes are taken.
TRIED = "accord:tried"

# Hashes of all teams' tokens for the HTTP API: id to token, and id to the last day on which it was used.
API_TOKENS = "accord:{api-tokens}:tokens"
API_TOKENS_USED = "accord:{api-tokens}:used"

# Hash: how much was erased, and how much of that is gone from the server's files too (`server_files`).
ERASED = "accord:erased"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# In timestamps.
DAY = timedelta(days=1) // _MICROSECOND
_MINUTE = timedelta(minutes=1) // _MICROSECOND


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
    def names(self) -> str:
        """Hash of the names that opinions are signed with: `shape:S` to how many have a name of this shape,
        `of:PARTICIPANT` to the shapes of theirs (JSON), and `all` once it tells of every opinion.
        """
        return f"accord:{{{self.id}}}:opinions:names"

    @property
    def baselines(self) -> str:
        """Hash: participant to agreement with the position statement."""
        return f"accord:{{{self.id}}}:baselines"

    @property
    def baselines_given(self) -> str:
        """Hash: participant to time."""
        return f"accord:{{{self.id}}}:baselines:given"

    @property
    def split(self) -> str:
        """Hash: participant to the points that their opinion was split into."""
        return f"accord:{{{self.id}}}:points:split"

    @property
    def unsplit(self) -> str:
        """Set: the participants whose opinions wait to be split."""
        return f"accord:{{{self.id}}}:points:unsplit"

    @property
    def points(self) -> str:
        """Hash: the id of each point that is shown to its text, and whether it is hidden."""
        return f"accord:{{{self.id}}}:points:shown"

    @property
    def tallies(self) -> str:
        """Hash: a point's id to its counts, `also:` and the id to who said it too.

        `:maps` to how many maps were kept, `:new` to how many people voted since the last.
        """
        return f"accord:{{{self.id}}}:points:tallies"

    @property
    def point_votes(self) -> str:
        """Hash: participant to what they say to each point."""
        return f"accord:{{{self.id}}}:points:votes"

    @property
    def point_votes_given(self) -> str:
        """Hash: participant to time."""
        return f"{self.point_votes}:given"

    @property
    def own_points(self) -> str:
        """Hash: participant to the points that they added."""
        return f"accord:{{{self.id}}}:points:own"

    @property
    def own_points_given(self) -> str:
        """Hash: participant to time."""
        return f"{self.own_points}:given"

    @property
    def spam_marks(self) -> str:
        """Hash: participant to the points that they marked as spam."""
        return f"accord:{{{self.id}}}:points:marks"

    @property
    def spam_marks_given(self) -> str:
        """Hash: participant to time."""
        return f"{self.spam_marks}:given"

    @property
    def point_changes(self) -> str:
        """List: which points were hidden and shown by whom, newest first."""
        return f"accord:{{{self.id}}}:points:changes"

    @property
    def point_map(self) -> str:
        """String: what the votes on points said when that was last made."""
        return f"accord:{{{self.id}}}:points:map"

    @property
    def givers(self) -> str:
        """Hash: participant to the one giver who may change what they gave, where there is one."""
        return f"accord:{{{self.id}}}:givers"

    @property
    def erased(self) -> str:
        """Hash: participant to until when what they gave was erased (`erasures`)."""
        return f"accord:{{{self.id}}}:erased"

    def ratings(self, round_: int, statement_id: str = CHOSEN) -> str:
        """Hash: participant to rating."""
        return f"accord:{{{self.id}}}:ratings:{_of_round(round_, statement_id)}"

    def ratings_given(self, round_: int, statement_id: str = CHOSEN) -> str:
        """Hash: participant to time."""
        return f"{self.ratings(round_, statement_id)}:given"

    def rating_tally(self, round_: int, statement_id: str = CHOSEN) -> str:
        """Hash: each of 1..7 to how many ratings there are of it, `answered` to how many are by somebody who
        gave an opinion, and `all` once it tells of every rating.
        """
        return f"{self.ratings(round_, statement_id)}:tally"

    def reasons(self, round_: int) -> str:
        """Hash: participant to reason."""
        return f"accord:{{{self.id}}}:reasons:{round_}"

    def reasons_given(self, round_: int) -> str:
        """Hash: participant to time."""
        return f"{self.reasons(round_)}:given"

    def comparisons(self, round_: int) -> str:
        """Hash: participant to which statement they prefer."""
        return f"accord:{{{self.id}}}:comparisons:{round_}"

    def comparisons_given(self, round_: int) -> str:
        """Hash: participant to time."""
        return f"{self.comparisons(round_)}:given"

    def statements(self, round_: int) -> str:
        """String: the statements that a study has rated in a round."""
        return f"accord:{{{self.id}}}:statements:{round_}"

    def mediation(self, round_: int) -> str:
        """String: the round's mediation in sum, or all of it as earlier versions kept it."""
        return f"accord:{{{self.id}}}:mediation:{round_}"

    def mediation_parts(self, round_: int) -> str:
        """Hash: participant to what the round's mediation holds of them."""
        return f"{self.mediation(round_)}:parts"

    @property
    def invitations(self) -> str:
        """Hash: the web channel's links to the question (`adapters.redis.invitations`)."""
        return f"accord:{{{self.id}}}:invitations"

    def newcomers(self, now: datetime) -> str:
        """Hash: network to how many people came in by the link for everyone in this minute; expires."""
        return f"accord:{{{self.id}}}:newcomers:{timestamp(now) // _MINUTE}"

    def of_members(self, rated: Mapping[int, Iterable[str]]) -> Iterator[tuple[str, str]]:
        """Where what members give is kept, each with its times: what is here is forgotten and deleted.

        The opinions come first, then what is said of points, in this order. rated: the statements' ids by
        round.
        """
        yield self.opinions, self.opinions_given
        yield self.point_votes, self.point_votes_given
        yield self.own_points, self.own_points_given
        yield self.spam_marks, self.spam_marks_given
        yield self.baselines, self.baselines_given
        for round_, statement_ids in rated.items():
            yield self.reasons(round_), self.reasons_given(round_)
            yield self.comparisons(round_), self.comparisons_given(round_)
            for statement_id in statement_ids:
                yield self.ratings(round_, statement_id), self.ratings_given(round_, statement_id)

    def all(self, rated: Mapping[int, Iterable[str]]) -> Iterator[str]:
        """Every key that a deliberation can have; `rated` as for `of_members`."""
        yield from (self.document, self.markers, self.invitations, self.erased)
        yield from (self.encoded, self.unencoded, self.names, self.givers)
        yield from (self.split, self.unsplit, self.points, self.tallies, self.point_changes, self.point_map)
        yield from chain.from_iterable(self.of_members(rated))
        for round_ in rated:
            yield from (self.mediation(round_), self.mediation_parts(round_), self.statements(round_))
            yield from (self.rating_tally(round_, statement_id) for statement_id in rated[round_])


@dataclass(frozen=True)
class SessionKeys:
    """The keys of one team's sessions on the web channel. They share a server, for scripts."""

    team: str

    @property
    def admins(self) -> str:
        """Sorted set: the sessions that may do what admins do, by until when."""
        return f"accord:{{{self.team}}}:sessions:admins"

    @property
    def admins_ended(self) -> str:
        """String: when all admins were last signed out; links that were made before are worth nothing."""
        return f"accord:{{{self.team}}}:sessions:admins:ended"

    def used(self, link: str) -> str:
        """String: the session that has used an admin link up; expires with the link."""
        return f"accord:{{{self.team}}}:sessions:used:{link}"

    def ended(self, session: str) -> str:
        """String: there while a session that was signed out would have lasted."""
        return f"accord:{{{self.team}}}:sessions:ended:{session}"


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


# Pattern of hashes that earlier versions kept: a member's pseudonym to whether Accord may learn from them.
OLD_LEARNING = "accord:{*}:team:learning"


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


def webhooks(team: str) -> str:
    """Hash: id to webhook."""
    return f"accord:{{{team}}}:webhooks"


def deliveries(team: str) -> str:
    """Hash: id to a delivery that waits to be sent."""
    return f"accord:{{{team}}}:webhooks:waiting"


def dead_deliveries(team: str) -> str:
    """Hash: id to a delivery that is no longer tried."""
    return f"accord:{{{team}}}:webhooks:dead"


# Set: the teams that have, or once had, webhooks.
WEBHOOK_TEAMS = "accord:webhooks:teams"
# Sorted set: `version:id` of questions whose events of that version may not have been queued, by when.
EVENTS = "accord:events"


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


def moment(stamp: int) -> datetime:
    """The time of a timestamp."""
    return _EPOCH + stamp * _MICROSECOND
