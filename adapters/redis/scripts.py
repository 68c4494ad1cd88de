"""What happens in one atomic step on the server.

The keys of a script all belong to one deliberation. A script that is sent twice, because the first
answer was lost on the way, does nothing the second time and answers as the first time.
"""

# KEYS: document. ARGV: version, accepts, doc. Gives the document that is there already, or nil.
CREATE = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.call('HGET', KEYS[1], 'doc')
end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'accepts', ARGV[2], 'doc', ARGV[3])
return nil
"""

# KEYS: document. ARGV: version it came from, new version, accepts, doc, saver (unique to this save).
SAVED, CONFLICT, UNKNOWN = 1, 0, -1
SAVE = """
local kept = redis.call('HMGET', KEYS[1], 'version', 'saver')
if not kept[1] then
  return -1
end
if kept[1] == ARGV[1] then
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'accepts', ARGV[3], 'doc', ARGV[4], 'saver', ARGV[5])
  return 1
end
return kept[2] == ARGV[5] and 1 or 0
"""

# KEYS: document, values, given; for opinions also encoded, unencoded.
# ARGV: what must be accepted, participant, at, value, given's field of what this participant took back of it.
# Gives how many values there are and how many of them are not encoded, or -1 in place of the first when the
# deliberation does not accept this now or is gone.
# A full server refuses a script's first write if that takes memory, and none after: HDEL must not be first.
# At the same moment a withdrawal counts as the later one, so that a copy of what it took back stays out.
PUT = """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return {-1, 0}
end
local last = tonumber(redis.call('HGET', KEYS[3], ARGV[2]))
local at = tonumber(ARGV[3])
local late = last and (at < last or (at == last and redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0))
local taken_back = tonumber(redis.call('HGET', KEYS[3], ARGV[5]))
if not late and not (taken_back and at <= taken_back) then
  if KEYS[4] and redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[4] then
    redis.call('SADD', KEYS[5], ARGV[2])
    redis.call('HDEL', KEYS[4], ARGV[2])
  end
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
  redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
end
return {redis.call('HLEN', KEYS[2]), KEYS[5] and redis.call('SCARD', KEYS[5]) or 0}
"""

# KEYS as PUT. ARGV: what must be accepted, participant, at, the rating's value or '', given's field of it.
# With a value, only that one is taken back, and only that one is kept out when it comes late.
# Gives how many values there are, or -1.
REMOVE = """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return -1
end
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
local last = tonumber(redis.call('HGET', KEYS[3], ARGV[2]))
if not last or tonumber(ARGV[3]) >= last then
  redis.call('HDEL', KEYS[2], ARGV[2])
  redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
  if KEYS[4] then
    redis.call('HDEL', KEYS[4], ARGV[2])
    redis.call('SREM', KEYS[5], ARGV[2])
  end
end
return redis.call('HLEN', KEYS[2])
"""

# KEYS: encoded, unencoded, opinions and when they were given, then baselines and ratings, each with times.
# ARGV: participant, at. Erases in any phase what was given up to then; gives how many values there were.
# HDEL comes first, so that a full server does not keep what is to be forgotten.
ERASE = """
local erased = 0
for i = 3, #KEYS, 2 do
  local last = tonumber(redis.call('HGET', KEYS[i + 1], ARGV[1]))
  if last and tonumber(ARGV[2]) >= last then
    erased = erased + redis.call('HDEL', KEYS[i], ARGV[1])
    if i == 3 then
      redis.call('HDEL', KEYS[1], ARGV[1])
      redis.call('SREM', KEYS[2], ARGV[1])
    end
    redis.call('HSET', KEYS[i + 1], ARGV[1], ARGV[2])
  end
end
return erased
"""

# KEYS: settings, changes. ARGV: the settings that are there or '', what to put in their place, who changed
# what or '', how many changes are kept. Gives 1 when they were still there, or when this is a second copy of
# what put them there.
SETTINGS = """
local kept = redis.call('GET', KEYS[1]) or ''
if kept == ARGV[2] then
  return 1
end
if kept ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then
  redis.call('LPUSH', KEYS[2], ARGV[3])
  redis.call('LTRIM', KEYS[2], 0, tonumber(ARGV[4]) - 1)
end
return 1
"""

# KEYS: what members wish, of one kind. ARGV: member, at, '1' or '0'. The newest wish counts.
WISH = """
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local at = kept and tonumber(string.match(kept, '^(-?%d+):'))
if not at or tonumber(ARGV[2]) >= at then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. ARGV[3])
end
return 1
"""

# KEYS: schedules. ARGV: id, what is there or '', what to put in its place. Gives 1 when it was still there,
# or when this is a second copy of what put it there.
SCHEDULE = """
local kept = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if kept == ARGV[3] then
  return 1
end
if kept ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""

# KEYS: document, opinions, encoded, unencoded.
# ARGV: what must be accepted, then of each: participant, opinion, what was made of it.
# Gives how many were kept.
KEEP_ENCODED = """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return 0
end
local kept = 0
for i = 2, #ARGV, 3 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then
    redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 2])
    redis.call('SREM', KEYS[4], ARGV[i])
    kept = kept + 1
  end
end
return kept
"""

# KEYS: document, mediation. ARGV: mediation. Gives the one that is kept, or nil for no such deliberation.
KEEP = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  return nil
end
redis.call('SETNX', KEYS[2], ARGV[1])
return redis.call('GET', KEYS[2])
"""

# KEYS: mediation. ARGV: what is there, what to put in its place. Gives 1 when it was still there.
REPLACE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""

# KEYS: a hash. ARGV: field, what is there, what to put in its place. Gives 1 when it was still there, or when
# this is a second copy of what put it there.
REPLACE_FIELD = """
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if kept == ARGV[3] then
  return 1
end
if kept ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""

# KEYS: document, markers. ARGV: marker, setter (unique to this call). -1: no such deliberation.
MARK = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  return -1
end
redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[2], ARGV[1]) == ARGV[2] and 1 or 0
"""
