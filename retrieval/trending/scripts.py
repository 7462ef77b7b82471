"""What must happen at once in Valkey, as its own Lua scripts."""

# `add` moves one item in the sorted sets that begin with `prefix`: "" for the live ones.
_ADD = """
local function add(all, category_prefix, categories, item, category, amount)
  local text = string.format('%.17g', amount)
  redis.call('ZINCRBY', all, text, item)
  if category ~= '' then
    redis.call('ZINCRBY', category_prefix .. category, text, item)
    redis.call('SADD', categories, category)
  end
end
local function decayed(weight, t, landmark, time_constant)
  return weight * math.exp(math.max(-690, math.min((t - landmark) / time_constant, 600)))
end
"""

# KEYS: state, all, categories, journal. ARGV: time constant, reference time, category prefix, number of items,
# then item, category and weight (decayed to the reference time) of each, then the journal's entries.
ADD_EVENTS = (
    _ADD
    + """
local time_constant, reference, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local landmark = redis.call('HGET', KEYS[1], 'landmark')
if not landmark then
  landmark = ARGV[2]
  redis.call('HSET', KEYS[1], 'landmark', landmark)
end
for i = 5, 4 + 3 * count, 3 do
  local amount = decayed(tonumber(ARGV[i + 2]), reference, tonumber(landmark), time_constant)
  add(KEYS[2], ARGV[3], KEYS[3], ARGV[i], ARGV[i + 1], amount)
end
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if redis.call('EXISTS', KEYS[4]) == 1 then
  for i = 5 + 3 * count, #ARGV do redis.call('RPUSH', KEYS[4], ARGV[i]) end
end
"""
)

# KEYS: journal. ARGV: seconds to live. A journal that is open already stays as it is.
OPEN_JOURNAL = """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('RPUSH', KEYS[1], '') end
redis.call('EXPIRE', KEYS[1], ARGV[1])
"""

# KEYS: state, all, categories, journal, and the staged all and categories. ARGV: time constant, landmark, now,
# category prefix, staged category prefix, then the ids of journaled events that the staged scores hold already.
SWAP = (
    _ADD
    + """
local time_constant, landmark = tonumber(ARGV[1]), tonumber(ARGV[2])
local counted = {}
for i = 6, #ARGV do counted[ARGV[i]] = true end
for _, entry in ipairs(redis.call('LRANGE', KEYS[4], 1, -1)) do
  local event = cjson.decode(entry)
  if not counted[event.id] then
    local amount = decayed(event.weight, event.t, landmark, time_constant)
    add(KEYS[5], ARGV[5], KEYS[6], event.item, event.category, amount)
  end
end
for _, category in ipairs(redis.call('SMEMBERS', KEYS[3])) do redis.call('UNLINK', ARGV[4] .. category) end
for _, category in ipairs(redis.call('SMEMBERS', KEYS[6])) do
  redis.call('RENAME', ARGV[5] .. category, ARGV[4] .. category)
end
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
if redis.call('EXISTS', KEYS[5]) == 1 then redis.call('RENAME', KEYS[5], KEYS[2]) end
if redis.call('EXISTS', KEYS[6]) == 1 then redis.call('RENAME', KEYS[6], KEYS[3]) end
redis.call('HSET', KEYS[1], 'landmark', ARGV[2], 'rebuilt_at', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'moves', 1)
"""
)
