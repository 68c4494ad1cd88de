"""Points to vote on, in Redis: the port `Points`.

One hash field a participant for their votes, and so for their own points and their marks: whoever votes
changes one field, what one person gave is found and forgotten in one step, and nobody's votes are looked for
among all. The counts are kept with each vote and never counted again.
What is shown of them is moved on by `FEWEST_NEW` different people together: each vote notes which count it
went into (`turn`), so that one person who votes again and again moves it no further.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from adapters.redis.connection import Client
from adapters.redis.documents import load_deliberation, read
from adapters.redis.errors import maps_errors
from adapters.redis.keys import DeliberationKeys, timestamp
from adapters.redis.server_files import note_erased
from adapters.redis.state.contribution_scripts import DRAFTING, GIVERS, OPINIONS, SHARED, Shelf, Shelves
from bot.domain.deliberation import MOVED_ON_JUST_NOW, Opinion
from bot.domain.errors import OpinionError, TransitionError
from bot.domain.points import (
    FEWEST_NEW,
    MOST_POINTS,
    OWN_POINTS,
    POINT_GONE,
    SPAM_MARKS,
    Counts,
    OpinionPoints,
    OwnPoint,
    Point,
    PointChange,
    PointVote,
    Side,
    VotesMap,
)
from bot.service.ports.state import Voters

GONE = -5

# To be put before a script.
HOLDS = """
local function holds(key, participant, id)
  local kept = redis.call('HGET', key, participant)
  return kept and string.find(kept, '"' .. id .. '"', 1, true)
end
"""

# KEYS: document, opinions, split, unsplit, points, own points, tallies.
# ARGV: what must be accepted, participant, words, the points; then of each point that it shares its id, and
# whose it is or ''. Who shares a point is noted with its counts, for when it goes (`also_of`).
KEEP_SPLIT = (
    SHARED
    + HOLDS
    + """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return 0
end
local opinion = redis.call('HGET', KEYS[2], ARGV[2])
if not opinion then
  redis.call('SREM', KEYS[4], ARGV[2])
  return 0
end
if cjson.decode(opinion)['text'] ~= ARGV[3] then
  return 0
end
if redis.call('SISMEMBER', KEYS[4], ARGV[2]) == 0 then
  return 1
end
for i = 5, #ARGV, 2 do
  local id, whose = ARGV[i], ARGV[i + 1]
  local there = redis.call('HEXISTS', KEYS[5], id) == 1
  if not (there or holds(KEYS[3], whose, id) or holds(KEYS[6], whose, id)) then
    return 0
  end
end
local before = redis.call('HGET', KEYS[3], ARGV[2])
local new, kept = cjson.decode(ARGV[4]), before and cjson.decode(before) or cjson.decode(ARGV[4])
for id, text in pairs(new['points']) do
  kept['points'][id] = text
end
for i = 5, #ARGV, 2 do
  if not kept['points'][ARGV[i]] then
    kept['also'][ARGV[i]] = 1
    local also = also_of(KEYS[7], ARGV[i])
    also[ARGV[2]] = 1
    keep_also(KEYS[7], ARGV[i], also)
  end
end
redis.call('HSET', KEYS[3], ARGV[2], cjson.encode(kept))
redis.call('SREM', KEYS[4], ARGV[2])
return 1
"""
)

# KEYS: document, split, own points, points.
# ARGV: what must be accepted, how many are shown at most, of how many people they have to be, then of each
# point: participant, id, what is shown. Who may have left since they were read is no longer counted.
SHOW = (
    HOLDS
    + """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return 0
end
local shown, people, seen = {}, 0, {}
for i = 4, #ARGV, 3 do
  local there = holds(KEYS[2], ARGV[i], ARGV[i + 1]) or holds(KEYS[3], ARGV[i], ARGV[i + 1])
  if there and redis.call('HEXISTS', KEYS[4], ARGV[i + 1]) == 0 then
    table.insert(shown, i)
    people = people + (seen[ARGV[i]] and 0 or 1)
    seen[ARGV[i]] = true
  end
end
if people < tonumber(ARGV[3]) or redis.call('HLEN', KEYS[4]) + #shown > tonumber(ARGV[2]) then
  return 0
end
for _, i in ipairs(shown) do
  redis.call('HSET', KEYS[4], ARGV[i + 1], ARGV[i + 2])
end
return 1
"""
)

# To be put before what members give of points. KEYS: document, values, given, points, tallies, changes; where
# there is a giver those of GIVERS. ARGV: what must be accepted, participant, at, giver or '', and what is
# given. `kept_of` makes anew what is kept of a participant: whatever was given before `since` stays out.
# Times are kept as text: as numbers JSON would cut them off.
GIVEN = (
    GIVERS
    + """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return -1
end
local participant, at, giver = ARGV[2], tonumber(ARGV[3]), ARGV[4]
if giver ~= '' and is_anothers(7, participant, giver) then
  return -4
end
local function kept_of(empty)
  local kept = redis.call('HGET', KEYS[2], participant)
  if kept then
    return cjson.decode(kept)
  end
  empty['since'] = redis.call('HGET', KEYS[3], participant) or '-1'
  return empty
end
local function keep(given)
  redis.call('HSET', KEYS[2], participant, cjson.encode(given))
  local last = tonumber(redis.call('HGET', KEYS[3], participant)) or -1
  if at > last then
    redis.call('HSET', KEYS[3], participant, ARGV[3])
  end
  if giver ~= '' then
    note_giver(7, participant, giver)
  end
end
local function tally_of(id)
  return cjson.decode(redis.call('HGET', KEYS[5], id) or '{"turn":0,"new":0}')
end
"""
)

# ARGV from 5 on: point, side, how many people move on what is shown.
# Gives how many have voted, and how many of them since the last map.
VOTE = (
    GIVEN
    + """
local id, side = ARGV[5], ARGV[6]
local point = redis.call('HGET', KEYS[4], id)
if not point or cjson.decode(point)['hidden'] then
  return -5
end
local given, tally = kept_of({votes = {}}), tally_of(id)
local before = given['votes'][id]
if before and before[1] == side and at > tonumber(before[2]) then
  before[2] = ARGV[3]
  keep(given)
end
local is_old = before and (at < tonumber(before[2]) or before[1] == side)
if at > tonumber(given['since']) and not is_old then
  if before then
    tally[before[1]] = math.max(0, (tally[before[1]] or 0) - 1)
  end
  tally[side] = (tally[side] or 0) + 1
  if not before or before[3] < tally['turn'] then
    tally['new'] = tally['new'] + 1
  end
  given['votes'][id] = {side, ARGV[3], tally['turn']}
  if tally['new'] >= tonumber(ARGV[7]) then
    tally['shown'] = {agree = tally['agree'], disagree = tally['disagree'], passed = tally['pass']}
    tally['turn'], tally['new'] = tally['turn'] + 1, 0
  end
  local maps = tonumber(redis.call('HGET', KEYS[5], ':maps') or 0)
  if given['maps'] ~= maps then
    given['maps'] = maps
    redis.call('HINCRBY', KEYS[5], ':new', 1)
  end
  keep(given)
  redis.call('HSET', KEYS[5], id, cjson.encode(tally))
end
return {redis.call('HLEN', KEYS[2]), tonumber(redis.call('HGET', KEYS[5], ':new') or 0)}
"""
)

# ARGV from 5 on: point, how many marks hide it, what is noted then.
MARK = (
    GIVEN
    + """
local id = ARGV[5]
local kept = redis.call('HGET', KEYS[4], id)
local given = kept_of({marks = {}})
if not kept or at <= tonumber(given['since']) or given['marks'][id] then
  return 0
end
local point, tally = cjson.decode(kept), tally_of(id)
given['marks'][id] = 1
tally['marks'] = (tally['marks'] or 0) + 1
keep(given)
redis.call('HSET', KEYS[5], id, cjson.encode(tally))
if tally['marks'] >= tonumber(ARGV[6]) and not point['hidden'] and not point['restored'] then
  point['hidden'], point['by_members'] = true, true
  redis.call('HSET', KEYS[4], id, cjson.encode(point))
  redis.call('LPUSH', KEYS[6], ARGV[7])
end
return 1
"""
)

# ARGV from 5 on: the point, its words, and how many one may have. Gives 0 where these are too many.
PUT_OWN = (
    GIVEN
    + """
local given = kept_of({points = {}})
for _, point in ipairs(given['points']) do
  if point['text'] == ARGV[6] then
    return 1
  end
end
if #given['points'] >= tonumber(ARGV[7]) then
  return 0
end
if at > tonumber(given['since']) then
  table.insert(given['points'], cjson.decode(ARGV[5]))
  keep(given)
end
return 1
"""
)

# KEYS: points, changes, document. ARGV: point, '1' to hide it or '0', what is noted, what must be accepted.
CHANGE = """
if redis.call('HGET', KEYS[3], 'accepts') ~= ARGV[4] then
  return -1
end
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if not kept then
  return 0
end
local point, hidden = cjson.decode(kept), ARGV[2] == '1'
if point['hidden'] == hidden then
  return 0
end
point['hidden'], point['by_members'], point['restored'] = hidden, false, not hidden
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(point))
redis.call('LPUSH', KEYS[2], ARGV[3])
return 1
"""

# KEYS: changes. ARGV: what is noted and what it becomes, in turn. Each is looked for anew: others may be
# noted meanwhile.
REPLACE_CHANGES = """
local becomes, found = {}, 0
for i = 1, #ARGV, 2 do
  becomes[ARGV[i]] = ARGV[i + 1]
end
for at, doc in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if becomes[doc] then
    redis.call('LSET', KEYS[1], at - 1, becomes[doc])
    found = found + 1
  end
end
return found
"""

# KEYS: document, map, tallies. ARGV: the map, then what may be accepted.
KEEP_MAP = """
local accepted = redis.call('HGET', KEYS[1], 'accepts')
if accepted ~= ARGV[2] and accepted ~= ARGV[3] then
  return 0
end
redis.call('SET', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[3], ':new', 0)
redis.call('HINCRBY', KEYS[3], ':maps', 1)
return 1
"""


class RedisPoints:
    """`Points` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shelves = Shelves(client)
        self._keep_split = client.register_script(KEEP_SPLIT)
        self._show = client.register_script(SHOW)
        self._vote = client.register_script(VOTE)
        self._mark = client.register_script(MARK)
        self._put_own = client.register_script(PUT_OWN)
        self._change = client.register_script(CHANGE)
        self._replace_changes = client.register_script(REPLACE_CHANGES)
        self._keep_map = client.register_script(KEEP_MAP)

    @maps_errors
    async def waiting(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that wait to be split."""
        of = DeliberationKeys(deliberation_id)
        participants = await self._client.srandmember(of.unsplit, limit)
        if not participants:
            return []
        docs = await self._client.hmget(of.opinions, sorted(participants))
        return [read(Opinion, doc) for doc in docs if doc is not None]

    @maps_errors
    async def keep_split(
        self,
        deliberation_id: str,
        opinion: Opinion,
        points: Mapping[str, str],
        *,
        also: Mapping[str, str] | None = None,
    ) -> bool:
        """Keep what is new in an opinion while it has these words, and whose points it shares."""
        of = DeliberationKeys(deliberation_id)
        doc = OpinionPoints(points=dict(points)).model_dump_json()
        args = [OPINIONS, opinion.participant, opinion.text, doc, *chain.from_iterable((also or {}).items())]
        keys = [of.document, of.opinions, of.split, of.unsplit, of.points, of.own_points, of.tallies]
        return bool(await self._keep_split(keys=keys, args=args))

    @maps_errors
    async def unshown(self, deliberation_id: str) -> Mapping[str, Mapping[str, str]]:
        """The points that are not shown yet, by participant."""
        of = DeliberationKeys(deliberation_id)
        shown = set(map(str, await self._client.hkeys(of.points)))
        split = await self._client.hgetall(of.split)
        found = {who: dict(read(OpinionPoints, doc).points) for who, doc in split.items()}
        for who, doc in (await self._client.hgetall(of.own_points)).items():
            found.setdefault(who, {}).update({each.id: each.text for each in _own(doc)})
        waiting = {who: _without(points, shown) for who, points in found.items()}
        return {str(who): points for who, points in waiting.items() if points}

    @maps_errors
    async def show(
        self, deliberation_id: str, points: Mapping[str, Mapping[str, str]], *, fewest: int = FEWEST_NEW
    ) -> None:
        """Show these points from now on, all or none."""
        of = DeliberationKeys(deliberation_id)
        args: list[str | int] = [OPINIONS, MOST_POINTS, fewest]
        for participant, theirs in points.items():
            for id_, text in theirs.items():
                args += [participant, id_, json.dumps({"text": text, "hidden": False})]
        await self._show(keys=[of.document, of.split, of.own_points, of.points], args=args)

    @maps_errors
    async def put_own(self, deliberation_id: str, point: OwnPoint, *, giver: str = "") -> bool:
        """Keep a member's own point, unless they have too many."""
        of = DeliberationKeys(deliberation_id)
        shelf = Shelf.of_points(deliberation_id, of.own_points, of.own_points_given)
        about = (point.model_dump_json(), point.text, OWN_POINTS)
        kept = await self._give(self._put_own, shelf, point.participant, point.given_at, giver, *about)
        return bool(kept[0])

    @maps_errors
    async def own(self, deliberation_id: str, participant: str) -> Sequence[OwnPoint]:
        """Points that this participant added."""
        doc = await self._client.hget(DeliberationKeys(deliberation_id).own_points, participant)
        return [] if doc is None else _own(doc)

    @maps_errors
    async def all_own(self, deliberation_id: str) -> Sequence[OwnPoint]:
        """Points that members added, by participant."""
        docs = await self._client.hgetall(DeliberationKeys(deliberation_id).own_points)
        return [each for participant in sorted(docs) for each in _own(docs[participant])]

    @maps_errors
    async def vote(self, deliberation_id: str, vote: PointVote, *, giver: str = "") -> Voters:
        """Keep a vote with the counts; how many have voted."""
        shelf = _votes_shelf(deliberation_id)
        about = (vote.point, vote.side.value, FEWEST_NEW)
        given = await self._give(self._vote, shelf, vote.participant, vote.given_at, giver, *about)
        return Voters(*given)

    @maps_errors
    async def votes_of(self, deliberation_id: str, participant: str) -> Mapping[str, Side]:
        """What one participant said."""
        doc = await self._client.hget(DeliberationKeys(deliberation_id).point_votes, participant)
        return {} if doc is None else _sides(doc)

    @maps_errors
    async def votes(self, deliberation_id: str) -> Mapping[str, Mapping[str, Side]]:
        """What everybody said."""
        docs = await self._client.hgetall(DeliberationKeys(deliberation_id).point_votes)
        return {str(who): _sides(docs[who]) for who in sorted(docs)}

    @maps_errors
    async def mark_spam(
        self, deliberation_id: str, participant: str, point: str, at: datetime, *, giver: str = ""
    ) -> None:
        """Keep a mark; enough of them hide the point."""
        of = DeliberationKeys(deliberation_id)
        shelf = Shelf.of_points(deliberation_id, of.spam_marks, of.spam_marks_given)
        noted = PointChange(point=point, hidden=True, at=at).model_dump_json()
        await self._give(self._mark, shelf, participant, at, giver, point, SPAM_MARKS, noted)

    @maps_errors
    async def marks_of(self, deliberation_id: str, participant: str) -> frozenset[str]:
        """The points that this participant marked."""
        doc = await self._client.hget(DeliberationKeys(deliberation_id).spam_marks, participant)
        return frozenset() if doc is None else frozenset(json.loads(doc)["marks"])

    @maps_errors
    async def change(self, deliberation_id: str, change: PointChange) -> bool:
        """Hide or show a point, with its note."""
        of = DeliberationKeys(deliberation_id)
        args: list[str | int] = [change.point, int(change.hidden), change.model_dump_json(), OPINIONS]
        changed = await self._change(keys=[of.points, of.point_changes, of.document], args=args)
        if changed < 0:
            (await load_deliberation(self._client, deliberation_id)).require_points_change()
            raise TransitionError(MOVED_ON_JUST_NOW)
        return bool(changed)

    @maps_errors
    async def changes(self, deliberation_id: str) -> Sequence[PointChange]:
        """What was hidden and shown, newest first."""
        docs = await self._client.lrange(DeliberationKeys(deliberation_id).point_changes, 0, -1)
        return [read(PointChange, doc) for doc in docs]

    @maps_errors
    async def forget_changer(self, deliberation_id: str, user: str) -> bool:
        """Take who this user is out of what they hid and showed."""
        of = DeliberationKeys(deliberation_id)
        args: list[str] = []
        for doc in await self._client.lrange(of.point_changes, 0, -1):
            change = read(PointChange, doc)
            if (without := change.without(user)) != change:
                args += [str(doc), without.model_dump_json()]
        if not args:
            return False
        found = int(await self._replace_changes(keys=[of.point_changes], args=args))
        await note_erased(self._client)
        return found > 0

    @maps_errors
    async def all(self, deliberation_id: str) -> Sequence[Point]:
        """The points with their counts, by id."""
        of = DeliberationKeys(deliberation_id)
        points, tallies = await self._client.hgetall(of.points), await self._client.hgetall(of.tallies)
        return [
            _point(id_, json.loads(points[id_]), json.loads(tallies.get(id_, "{}"))) for id_ in sorted(points)
        ]

    @maps_errors
    async def keep_map(self, deliberation_id: str, votes: VotesMap) -> None:
        """Put a map in the place of the one before."""
        of = DeliberationKeys(deliberation_id)
        args = [votes.model_dump_json(), OPINIONS, DRAFTING]
        await self._keep_map(keys=[of.document, of.point_map, of.tallies], args=args)
        # What the one before told of is not to stay in the server's files.
        await note_erased(self._client)

    @maps_errors
    async def map(self, deliberation_id: str) -> VotesMap | None:
        """What the votes said when that was last made."""
        doc = await self._client.get(DeliberationKeys(deliberation_id).point_map)
        return None if doc is None else read(VotesMap, doc)

    async def _give(
        self, script: Any, shelf: Shelf, participant: str, at: datetime, giver: str, *about: str | int
    ) -> list[int]:
        """Run one of the scripts that begin with GIVEN; what it gave, or what it refused for."""
        of = DeliberationKeys(shelf.deliberation_id)
        keys = [of.document, shelf.values, shelf.given, of.points, of.tallies, of.point_changes]
        keys += await self._shelves.giver_keys(shelf.deliberation_id) if giver else []
        args = [shelf.accepts, participant, timestamp(at), giver, *about]
        outcome = await script(keys=keys, args=args)
        found = outcome if isinstance(outcome, list) else [outcome]
        if found[0] == GONE:
            raise OpinionError(POINT_GONE)
        await self._shelves.accepted(shelf, found[0], at)
        return found


def _votes_shelf(deliberation_id: str) -> Shelf:
    of = DeliberationKeys(deliberation_id)
    return Shelf.of_points(deliberation_id, of.point_votes, of.point_votes_given)


def _without(points: Mapping[str, str], shown: set[str]) -> dict[str, str]:
    return {id_: text for id_, text in points.items() if id_ not in shown}


def _own(doc: str | bytes) -> list[OwnPoint]:
    return [OwnPoint.model_validate(each) for each in json.loads(doc)["points"]]


def _sides(doc: str | bytes) -> dict[str, Side]:
    return {id_: Side(vote[0]) for id_, vote in sorted(json.loads(doc)["votes"].items())}


def _point(id_: str | bytes, kept: Mapping[str, Any], tally: Mapping[str, Any]) -> Point:
    now = Counts(agree=tally.get("agree", 0), disagree=tally.get("disagree", 0), passed=tally.get("pass", 0))
    return Point(
        id=str(id_),
        text=kept["text"],
        hidden=kept["hidden"],
        by_members=kept.get("by_members", False),
        marks=tally.get("marks", 0),
        counts=now,
        shown=Counts.model_validate(tally.get("shown", {})),
    )
