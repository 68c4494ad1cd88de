"""What participants give: one hash field for each of them; the newest wins, while it is accepted.

Reads:  a `Shelf` (which kind, of which deliberation) and what a participant gives or takes back.
Gives:  how many there are now, or the `TransitionError` of the deliberation's own rules.
When each participant last gave or withdrew is kept beside the values and outlives them, so that a late
copy of an older act neither overwrites a newer one nor brings back what was withdrawn or erased.
Where something comes with a giver, the same step looks whether this participant has another one, and keeps or
forgets theirs.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

from adapters.redis.connection import Client
from adapters.redis.documents import SharedLoads, load_deliberation, read
from adapters.redis.keys import DeliberationKeys, timestamp
from adapters.redis.state.mediations import rated_statements
from bot.domain.deliberation import MOVED_ON_JUST_NOW, Deliberation, Opinion, Phase, Reason
from bot.domain.errors import GivenElsewhereError, NameInUseError, TransitionError, VersionConflictError
from bot.domain.likeness import Signing, shapes
from bot.domain.ratings import CHOSEN, Rating
from bot.domain.rounds import Comparison
from bot.service.ports.state import SOMEBODY_LEFT, Answers, RatingTally

Contribution = TypeVar("Contribution", Opinion, Rating, Reason, Comparison)

OPINIONS = "opinions"
DRAFTING = "collected"

# What PUT gives in place of a count; the last but one REMOVE does, too.
NAMES_NOT_NOTED = -2
NAME_IN_USE = -3
GIVEN_ELSEWHERE = -4
OTHER_EDITION = -5

# To be put before a script. `names` is as in `DeliberationKeys.names`.
NAMES = """
local function give_up_name(names, participant)
  local kept = redis.call('HGET', names, 'of:' .. participant)
  if kept then
    for _, shape in ipairs(cjson.decode(kept)) do
      if redis.call('HINCRBY', names, 'shape:' .. shape, -1) < 1 then
        redis.call('HDEL', names, 'shape:' .. shape)
      end
    end
    redis.call('HDEL', names, 'of:' .. participant)
  end
end
local function take_name(names, participant, shapes)
  give_up_name(names, participant)
  redis.call('HSET', names, 'of:' .. participant, shapes)
  for _, shape in ipairs(cjson.decode(shapes)) do
    redis.call('HINCRBY', names, 'shape:' .. shape, 1)
  end
end
"""

# To be put before a script whose KEYS have, from number `givers` on, the hash of givers and every hash of
# what members give. `is_anothers` is for a giver that is not ''; with '' `note_giver` leaves the giver as it
# is while anything is left.
GIVERS = """
local function has_given(givers, participant)
  for i = givers + 1, #KEYS do
    if redis.call('HEXISTS', KEYS[i], participant) == 1 then
      return true
    end
  end
  return false
end
local function is_anothers(givers, participant, giver)
  return has_given(givers, participant) and redis.call('HGET', KEYS[givers], participant) ~= giver
end
local function note_giver(givers, participant, giver)
  if not has_given(givers, participant) then
    redis.call('HDEL', KEYS[givers], participant)
  elseif giver ~= '' then
    redis.call('HSET', KEYS[givers], participant, giver)
  end
end
"""

# To be put before a script that changes ratings, or opinions that count with them. `tally` is as in
# `DeliberationKeys.rating_tally`. `given_before` is asked before the change, and `tell_of` called after it:
# a full server takes what is erased first, and counts after that.
TALLIES = """
local function given_before(values, opinions, participant)
  return {redis.call('HGET', values, participant), redis.call('HEXISTS', opinions, participant)}
end
local function add(tally, given, by)
  if given[1] then
    redis.call('HINCRBY', tally, cjson.decode(given[1])['value'], by)
    -- Never by -1 times 0: Redis 7.0 is sent "-0" then, and stops in the middle.
    if given[2] == 1 then
      redis.call('HINCRBY', tally, 'answered', by)
    end
  end
end
local function recount(values, opinions, tally)
  redis.call('DEL', tally)
  local kept = redis.call('HGETALL', values)
  for i = 1, #kept, 2 do
    add(tally, {kept[i + 1], redis.call('HEXISTS', opinions, kept[i])}, 1)
  end
  redis.call('HSET', tally, 'all', 1)
end
local function tell_of(values, opinions, tally, participant, before)
  if redis.call('HEXISTS', tally, 'all') == 0 then
    recount(values, opinions, tally)
    return
  end
  local now = given_before(values, opinions, participant)
  if now[1] ~= before[1] or now[2] ~= before[2] then
    add(tally, before, -1)
    add(tally, now, 1)
  end
end
"""

# KEYS: ratings, opinions, tally. Gives how many ratings there are of each of 1..7, and how many are by
# somebody who gave an opinion. Where an earlier version kept ratings, it counts them once.
TALLY = (
    TALLIES
    + """
local function told()
  return redis.call('HMGET', KEYS[3], '1', '2', '3', '4', '5', '6', '7', 'answered')
end
local total = 0
for i, count in ipairs(told()) do
  total = total + (i < 8 and tonumber(count or 0) or 0)
end
if total ~= redis.call('HLEN', KEYS[1]) then
  recount(KEYS[1], KEYS[2], KEYS[3])
end
return told()
"""
)

# KEYS: givers, every hash of what members give. ARGV: participant.
# Gives nil where this participant gave nothing, and '' where they did without a giver.
GIVER = (
    GIVERS
    + """
return has_given(1, ARGV[1]) and (redis.call('HGET', KEYS[1], ARGV[1]) or '')
"""
)

# To be put before a script: who shares a point with the person who said it first.
SHARED = """
local function also_of(tallies, id)
  return cjson.decode(redis.call('HGET', tallies, 'also:' .. id) or '{}')
end
local function keep_also(tallies, id, also)
  if next(also) then
    redis.call('HSET', tallies, 'also:' .. id, cjson.encode(also))
  else
    redis.call('HDEL', tallies, 'also:' .. id)
  end
end
"""

# To be put before a script. A point goes with its counts; whatever votes on it are still kept tell nothing.
# Opinions that share it are split again: else their authors would have no voice where others vote.
POINTS = (
    SHARED
    + """
local function drop_points(points, split, unsplit, shown, tallies)
  for id in pairs(points) do
    redis.call('HDEL', shown, id)
    redis.call('HDEL', tallies, id)
    for other in pairs(also_of(tallies, id)) do
      if redis.call('HEXISTS', split, other) == 1 then
        redis.call('SADD', unsplit, other)
      end
    end
    keep_also(tallies, id, {})
  end
end
local function drop_split(split, unsplit, shown, tallies, participant)
  local kept = redis.call('HGET', split, participant)
  if kept then
    redis.call('HDEL', split, participant)
    local theirs = cjson.decode(kept)
    drop_points(theirs['points'], split, unsplit, shown, tallies)
    for id in pairs(theirs['also'] or {}) do
      local also = also_of(tallies, id)
      also[participant] = nil
      keep_also(tallies, id, also)
    end
  end
  redis.call('SREM', unsplit, participant)
end
"""
)

# KEYS: document, values, given; for opinions also encoded, unencoded, baselines, baselines' given, names,
# split, unsplit, points, tallies; for ratings also opinions, tally; and where there is a giver those of
# GIVERS.
# ARGV: what must be accepted, participant, at, value, given's field of what this participant took back of it,
# the baseline that was given with an opinion or ''; then how the opinion was signed, the name and its shapes,
# or '' thrice where no name is compared; then where the givers are in KEYS, and the giver or ''; then the
# kind: 'opinion', 'rating' or ''; and of an opinion the edition of the question that it is on, or ''. What an
# earlier version kept says no edition: it is the first.
# Gives how many values there are and how many of them are not encoded. In place of the first -1 when the
# deliberation does not accept this now or is gone, -2 when an earlier version kept opinions and did not note
# their names, -3 when somebody else's name looks like this one, and -4 when this participant has another
# giver, and -5 when the question has another edition.
# A full server refuses a script's first write if that takes memory, and none after: HDEL must not be first.
# At the same moment a withdrawal counts as the later one, so that a copy of what it took back stays out.
PUT = (
    NAMES
    + GIVERS
    + POINTS
    + TALLIES
    + """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return {-1, 0}
end
if ARGV[13] ~= '' and (redis.call('HGET', KEYS[1], 'edition') or '1') ~= ARGV[13] then
  return {-5, 0}
end
local participant, at = ARGV[2], tonumber(ARGV[3])
local givers, giver = tonumber(ARGV[10]), ARGV[11]
if giver ~= '' and is_anothers(givers, participant, giver) then
  return {-4, 0}
end
local is_opinion, is_rating = ARGV[12] == 'opinion', ARGV[12] == 'rating'
local function is_newest(values, given)
  local last = tonumber(redis.call('HGET', given, participant))
  local late = last and (at < last or (at == last and redis.call('HEXISTS', values, participant) == 0))
  local taken_back = tonumber(redis.call('HGET', given, ARGV[5]))
  return not late and not (taken_back and at <= taken_back)
end
local function keep(values, given, value)
  redis.call('HSET', values, participant, value)
  redis.call('HSET', given, participant, ARGV[3])
end
local function has_the_same_words()
  local kept = redis.call('HGET', KEYS[2], participant)
  return kept and cjson.decode(kept)['text'] == cjson.decode(ARGV[4])['text']
end
local function is_theirs_already()
  local kept = redis.call('HGET', KEYS[2], participant)
  local author = kept and cjson.decode(kept)['author']
  return type(author) == 'table' and (author['name'] ~= '' and author['name'] or author['user']) == ARGV[8]
end
local function is_in_use()
  local own = {}
  for _, shape in ipairs(cjson.decode(redis.call('HGET', KEYS[8], 'of:' .. participant) or '[]')) do
    own[shape] = 1
  end
  for _, shape in ipairs(cjson.decode(ARGV[9])) do
    if tonumber(redis.call('HGET', KEYS[8], 'shape:' .. shape) or 0) > (own[shape] or 0) then
      return true
    end
  end
  return false
end
local is_named = ARGV[7] ~= '' and is_newest(KEYS[2], KEYS[3])
if is_named then
  if redis.call('HLEN', KEYS[2]) > 0 and redis.call('HEXISTS', KEYS[8], 'all') == 0 then
    return {-2, 0}
  end
  if ARGV[7] == 'typed' and not is_theirs_already() and is_in_use() then
    return {-3, 0}
  end
end
if ARGV[6] ~= '' and is_newest(KEYS[6], KEYS[7]) then
  keep(KEYS[6], KEYS[7], ARGV[6])
end
if is_newest(KEYS[2], KEYS[3]) then
  local before = is_rating and given_before(KEYS[2], KEYS[4], participant)
  if is_opinion and redis.call('HGET', KEYS[2], participant) ~= ARGV[4] then
    redis.call('SADD', KEYS[5], participant)
    redis.call('HDEL', KEYS[4], participant)
  end
  if is_opinion and not has_the_same_words() then
    drop_split(KEYS[9], KEYS[10], KEYS[11], KEYS[12], participant)
    redis.call('SADD', KEYS[10], participant)
  end
  keep(KEYS[2], KEYS[3], ARGV[4])
  if is_named then
    take_name(KEYS[8], participant, ARGV[9])
    redis.call('HSET', KEYS[8], 'all', 1)
  elseif is_opinion then
    give_up_name(KEYS[8], participant)
  end
  if is_rating then
    tell_of(KEYS[2], KEYS[4], KEYS[5], participant, before)
  end
end
if giver ~= '' then
  note_giver(givers, participant, giver)
end
return {redis.call('HLEN', KEYS[2]), is_opinion and redis.call('SCARD', KEYS[5]) or 0}
"""
)

# KEYS: document, opinions, names. ARGV: of each named opinion its participant and the shapes of its name.
# Notes the names of opinions that an earlier version kept. Until that is done none can be put under another
# name, and what was withdrawn since they were read is passed over.
NOTE_NAMES = (
    NAMES
    + """
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[3], 'all') == 1 then
  return 0
end
for i = 1, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then
    take_name(KEYS[3], ARGV[i], ARGV[i + 1])
  end
end
redis.call('HSET', KEYS[3], 'all', 1)
return 1
"""
)

# KEYS as PUT, and always those of GIVERS: what goes may be the last of a participant who has a giver.
# ARGV: what must be accepted, participant, at, the rating's value or '', given's field of it;
# then where the givers are in KEYS, and the giver or ''; then the kind as in PUT.
# With a value, only that one is taken back, and only that one is kept out when it comes late.
# With an opinion goes the baseline that was chosen in the same form, each under its own times, as in PUT.
# A vote in a poll stays: it is an act of its own, still stands in the poll, and is taken back there.
# Gives how many values there are, or -1, or -4.
REMOVE = (
    NAMES
    + GIVERS
    + POINTS
    + TALLIES
    + """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return -1
end
local givers, giver = tonumber(ARGV[6]), ARGV[7]
if giver ~= '' and is_anothers(givers, ARGV[2], giver) then
  return -4
end
local is_opinion, is_rating = ARGV[8] == 'opinion', ARGV[8] == 'rating'
if ARGV[4] ~= '' then
  local before = tonumber(redis.call('HGET', KEYS[3], ARGV[5]))
  if not before or tonumber(ARGV[3]) > before then
    redis.call('HSET', KEYS[3], ARGV[5], ARGV[3])
  end
  local kept = redis.call('HGET', KEYS[2], ARGV[2])
  if not kept or tostring(cjson.decode(kept)['value']) ~= ARGV[4] then
    return redis.call('HLEN', KEYS[2])
  end
end
local function take_back(values, given)
  local last = tonumber(redis.call('HGET', given, ARGV[2]))
  if last and tonumber(ARGV[3]) < last then
    return false
  end
  redis.call('HDEL', values, ARGV[2])
  redis.call('HSET', given, ARGV[2], ARGV[3])
  return true
end
local before = is_rating and given_before(KEYS[2], KEYS[4], ARGV[2])
local is_taken = take_back(KEYS[2], KEYS[3])
if is_taken and is_rating then
  tell_of(KEYS[2], KEYS[4], KEYS[5], ARGV[2], before)
end
if is_taken and is_opinion then
  redis.call('HDEL', KEYS[4], ARGV[2])
  redis.call('SREM', KEYS[5], ARGV[2])
  give_up_name(KEYS[8], ARGV[2])
  drop_split(KEYS[9], KEYS[10], KEYS[11], KEYS[12], ARGV[2])
end
if is_opinion then
  local baseline = redis.call('HGET', KEYS[6], ARGV[2])
  if not baseline or not cjson.decode(baseline)['collected'] then
    take_back(KEYS[6], KEYS[7])
  end
end
note_giver(givers, ARGV[2], giver)
return redis.call('HLEN', KEYS[2])
"""
)

# KEYS: document, markers, encoded, unencoded, names, givers, split, unsplit, points, tallies; then all of
# `of_members`, each with its times: opinions, votes on points, own points, marks of points, and the others;
# then the ratings of each statement, each with their tally.
# ARGV: participant, at, what is accepted before the close, the marker, and where in KEYS those ratings begin.
# Erases in any phase what was given up to then, and marks after the close that something went; gives how many
# values there were.
# HDEL comes first, so that a full server does not keep what is to be forgotten.
ERASE = (
    NAMES
    + POINTS
    + TALLIES
    + """
local function uncount(id, what)
  local kept = redis.call('HGET', KEYS[10], id)
  if kept then
    local tally = cjson.decode(kept)
    tally[what] = math.max(0, (tally[what] or 0) - 1)
    redis.call('HSET', KEYS[10], id, cjson.encode(tally))
  end
end
-- Nor are they one of those new ones who move on what is shown, or ask for a map: one person who votes and is
-- forgotten again and again would be several.
local function uncount_votes(given)
  for id, vote in pairs(given['votes']) do
    local kept = redis.call('HGET', KEYS[10], id)
    uncount(id, vote[1])
    if kept and cjson.decode(kept)['turn'] == vote[3] then
      uncount(id, 'new')
    end
  end
  if tostring(given['maps']) == (redis.call('HGET', KEYS[10], ':maps') or '0') then
    redis.call('HINCRBY', KEYS[10], ':new', -1)
  end
end
local erased, left = 0, 0
local rated, before = tonumber(ARGV[5]), {}
for i = rated, #KEYS, 2 do
  before[i] = given_before(KEYS[i], KEYS[11], ARGV[1])
end
for i = 11, rated - 1, 2 do
  local last = tonumber(redis.call('HGET', KEYS[i + 1], ARGV[1]))
  if last and tonumber(ARGV[2]) >= last then
    local gone = i <= 17 and redis.call('HGET', KEYS[i], ARGV[1])
    erased = erased + redis.call('HDEL', KEYS[i], ARGV[1])
    if i == 11 then
      redis.call('HDEL', KEYS[3], ARGV[1])
      redis.call('SREM', KEYS[4], ARGV[1])
      give_up_name(KEYS[5], ARGV[1])
      drop_split(KEYS[7], KEYS[8], KEYS[9], KEYS[10], ARGV[1])
    elseif i == 13 and gone then
      uncount_votes(cjson.decode(gone))
    elseif i == 15 and gone then
      local points = {}
      for _, point in ipairs(cjson.decode(gone)['points']) do
        points[point['id']] = 1
      end
      drop_points(points, KEYS[7], KEYS[8], KEYS[9], KEYS[10])
    elseif i == 17 and gone then
      for id in pairs(cjson.decode(gone)['marks']) do
        uncount(id, 'marks')
      end
    end
    redis.call('HSET', KEYS[i + 1], ARGV[1], ARGV[2])
  end
  left = left + redis.call('HEXISTS', KEYS[i], ARGV[1])
end
for i = rated, #KEYS, 2 do
  if before[i][1] then
    tell_of(KEYS[i], KEYS[11], KEYS[i + 1], ARGV[1], before[i])
  end
end
if left == 0 then
  redis.call('HDEL', KEYS[6], ARGV[1])
end
local accepted = redis.call('HGET', KEYS[1], 'accepts')
if erased > 0 and accepted and accepted ~= ARGV[3] then
  redis.call('HSETNX', KEYS[2], ARGV[4], '')
end
return erased
"""
)


@dataclass(frozen=True)
class Shelf:
    """Where one kind of contribution to one deliberation is kept, and when it is accepted.

    beside: of opinions, the keys of what is encoded and what is not, of the baselines and their times, of the
        names, and of the points: what was split and what was not, what is shown, and its counts; of ratings,
        those of the opinions and of the tally.
    kind: as in PUT.
    """

    deliberation_id: str
    values: str
    given: str
    accepts: str
    require_open: Callable[[Deliberation, datetime], None]
    beside: tuple[str, ...] = ()
    kind: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """What the scripts work on."""
        return DeliberationKeys(self.deliberation_id).document, self.values, self.given, *self.beside

    @classmethod
    def of_opinions(cls, deliberation_id: str) -> "Shelf":
        """The opinions."""
        of = DeliberationKeys(deliberation_id)
        return cls(
            deliberation_id,
            of.opinions,
            of.opinions_given,
            OPINIONS,
            Deliberation.require_open_for_opinions,
            (
                *(of.encoded, of.unencoded, of.baselines, of.baselines_given, of.names),
                *(of.split, of.unsplit, of.points, of.tallies),
            ),
            "opinion",
        )

    @classmethod
    def of_baselines(cls, deliberation_id: str, *, collected: bool = False) -> "Shelf":
        """Agreement with the position statement; `collected` in a poll, it comes after the close."""
        of = DeliberationKeys(deliberation_id)
        return cls(
            deliberation_id,
            of.baselines,
            of.baselines_given,
            DRAFTING if collected else OPINIONS,
            Deliberation.require_drafting if collected else Deliberation.require_open_for_opinions,
        )

    @classmethod
    def of_points(cls, deliberation_id: str, values: str, given: str) -> "Shelf":
        """What members say of points, or write as points: `points` there has scripts of its own for it."""
        return cls(deliberation_id, values, given, OPINIONS, Deliberation.require_open_for_points)

    @classmethod
    def of_ratings(cls, deliberation_id: str, round_: int, statement_id: str = CHOSEN) -> "Shelf":
        """The ratings of one of a round's statements."""
        of = DeliberationKeys(deliberation_id)
        values, given = of.ratings(round_, statement_id), of.ratings_given(round_, statement_id)
        beside = (of.opinions, of.rating_tally(round_, statement_id))
        return cls._of_round(deliberation_id, round_, values, given, beside, "rating")

    @classmethod
    def of_reasons(cls, deliberation_id: str, round_: int) -> "Shelf":
        """The reasons that were given for a round's ratings, accepted as long as these are."""
        of = DeliberationKeys(deliberation_id)
        return cls._of_round(deliberation_id, round_, of.reasons(round_), of.reasons_given(round_))

    @classmethod
    def of_comparisons(cls, deliberation_id: str, round_: int) -> "Shelf":
        """Which statement everybody prefers, accepted as long as the round is rated."""
        of = DeliberationKeys(deliberation_id)
        return cls._of_round(deliberation_id, round_, of.comparisons(round_), of.comparisons_given(round_))

    @classmethod
    def _of_round(
        cls,
        deliberation_id: str,
        round_: int,
        values: str,
        given: str,
        beside: tuple[str, ...] = (),
        kind: str = "",
    ) -> "Shelf":
        """What is accepted as long as a round's statement is rated."""
        is_open = Deliberation.require_open_for_ratings
        return cls(deliberation_id, values, given, _ratings(round_), is_open, beside, kind)


def accepts(deliberation: Deliberation) -> str:
    """What may be contributed now; the scripts compare it with the shelf's `accepts`."""
    if deliberation.phase is Phase.OPINIONS:
        return OPINIONS
    if deliberation.phase is Phase.MEDIATING:
        return DRAFTING
    return _ratings(deliberation.round) if deliberation.phase is Phase.RATING else ""


def _ratings(round_: int) -> str:
    return f"ratings:{round_}"


class Shelves:
    """Puts contributions there, takes them back and reads them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._loads = SharedLoads(client)
        self._put = client.register_script(PUT)
        self._giver = client.register_script(GIVER)
        self._note_names = client.register_script(NOTE_NAMES)
        self._remove = client.register_script(REMOVE)
        self._tally = client.register_script(TALLY)
        self._erase = client.register_script(ERASE)

    async def put(
        self,
        shelf: Shelf,
        contribution: Opinion | Rating | Reason | Comparison,
        baseline: Rating | None = None,
        signing: Signing = Signing.AS_KNOWN,
        giver: str = "",
        edition: int | None = None,
    ) -> Answers:
        """Keep it unless something newer is known of this participant; how many there are now.

        baseline, signing: of an opinion, given with it at the same time, and how its name came about.
        edition: of the question that it is on, where that matters.
        """
        keys = [*shelf.keys, *(await self.giver_keys(shelf.deliberation_id) if giver else ())]
        args = (
            shelf.accepts,
            contribution.participant,
            timestamp(contribution.given_at),
            contribution.model_dump_json(),
            _taken_back(contribution.participant, getattr(contribution, "value", None)),
            "" if baseline is None else baseline.model_dump_json(),
            *_signed(contribution, signing),
            len(shelf.keys) + 1,
            giver,
            shelf.kind,
            "" if edition is None else edition,
        )
        count, unencoded = await self._put(keys=keys, args=args)
        while count == NAMES_NOT_NOTED:
            await self._note_kept_names(shelf)
            count, unencoded = await self._put(keys=keys, args=args)
        if count == NAME_IN_USE:
            raise NameInUseError
        if count == OTHER_EDITION:
            raise VersionConflictError("Somebody else changed this question at the same moment.")
        return Answers(await self.accepted(shelf, count, contribution.given_at), unencoded)

    async def _note_kept_names(self, shelf: Shelf) -> None:
        """Once for each question whose opinions an earlier version kept: from then on names are looked up."""
        of = DeliberationKeys(shelf.deliberation_id)
        named = [opinion for opinion in await self.all(shelf, Opinion) if opinion.signed]
        args = chain.from_iterable((each.participant, _shapes(each.signed)) for each in named)
        await self._note_names(keys=[of.document, of.opinions, of.names], args=list(args))

    async def giver(self, deliberation_id: str, participant: str) -> str | None:
        """Who gave what there is of a participant; None where there is nothing."""
        kept = await self._giver(keys=await self.giver_keys(deliberation_id), args=[participant])
        return None if kept is None else str(kept)

    async def giver_keys(self, deliberation_id: str) -> list[str]:
        """As GIVERS wants them. Raises UnknownDeliberationError."""
        of = DeliberationKeys(deliberation_id)
        rated = await rated_statements(self._client, await self._loads.load(deliberation_id))
        return [of.givers, *(values for values, _ in of.of_members(rated))]

    async def remove(
        self, shelf: Shelf, participant: str, at: datetime, value: int | None = None, giver: str = ""
    ) -> int:
        """Take it back unless something newer is known of this participant; how many are left."""
        keys = [*shelf.keys, *await self.giver_keys(shelf.deliberation_id)]
        only = "" if value is None else str(value)
        about = (shelf.accepts, participant, timestamp(at), only, _taken_back(participant, value))
        outcome = await self._remove(keys=keys, args=(*about, len(shelf.keys) + 1, giver, shelf.kind))
        return await self.accepted(shelf, outcome, at)

    async def accepted(self, shelf: Shelf, outcome: int, at: datetime) -> int:
        """What a script gave, or what it refused for. Raises as `Contributions` says."""
        if outcome >= 0:
            return outcome
        if outcome == GIVEN_ELSEWHERE:
            raise GivenElsewhereError
        shelf.require_open(await load_deliberation(self._client, shelf.deliberation_id), at)
        raise TransitionError(MOVED_ON_JUST_NOW)

    async def one(self, shelf: Shelf, participant: str, kind: type[Contribution]) -> Contribution | None:
        """One participant's contribution."""
        doc = await self._client.hget(shelf.values, participant)
        return None if doc is None else read(kind, doc)

    async def all(self, shelf: Shelf, kind: type[Contribution]) -> Sequence[Contribution]:
        """Every contribution, by participant."""
        docs = await self._client.hgetall(shelf.values)
        return [read(kind, docs[participant]) for participant in sorted(docs)]

    async def count(self, shelf: Shelf) -> int:
        """How many there are."""
        return int(await self._client.hlen(shelf.values))

    async def tally(self, deliberation_id: str, round_: int, statement_id: str) -> RatingTally:
        """The ratings of a round's statement, counted."""
        of = DeliberationKeys(deliberation_id)
        keys = [of.ratings(round_, statement_id), of.opinions, of.rating_tally(round_, statement_id)]
        *counts, answered = [int(told or 0) for told in await self._tally(keys=keys)]
        return RatingTally(tuple(counts), answered)

    async def participants(self, shelf: Shelf) -> frozenset[str]:
        """Whose there are."""
        return frozenset(map(str, await self._client.hkeys(shelf.values)))

    async def erase(
        self, deliberation_id: str, rated: Mapping[int, Iterable[str]], participant: str, at: datetime
    ) -> int:
        """Erase one participant's of up to `at`, in any phase; late copies of them stay out.

        After the close it is marked in the same step that something went (`SOMEBODY_LEFT`).

        rated: the statements' ids by round.
        """
        of = DeliberationKeys(deliberation_id)
        about = (of.document, of.markers, of.encoded, of.unencoded, of.names, of.givers)
        points = (of.split, of.unsplit, of.points, of.tallies)
        keys = [*about, *points, *chain.from_iterable(of.of_members(rated))]
        tallies = chain.from_iterable(
            (of.ratings(round_, statement_id), of.rating_tally(round_, statement_id))
            for round_, statement_ids in rated.items()
            for statement_id in statement_ids
        )
        args = (participant, timestamp(at), OPINIONS, SOMEBODY_LEFT, len(keys) + 1)
        return int(await self._erase(keys=[*keys, *tallies], args=args))


def _signed(contribution: Opinion | Rating | Reason | Comparison, signing: Signing) -> tuple[str, str, str]:
    """Arguments of PUT: how it was signed, the name, its shapes; empty where no name is compared."""
    name = contribution.signed if isinstance(contribution, Opinion) else ""
    if not name or signing is Signing.AS_KNOWN:
        return "", "", ""
    return signing.value, name, _shapes(name)


def _shapes(name: str) -> str:
    return json.dumps(sorted(shapes(name)))


def _taken_back(participant: str, value: int | None) -> str:
    """The field that holds when a participant took back this rating; pseudonyms have no colon."""
    return f"{participant}:{value or ''}"
