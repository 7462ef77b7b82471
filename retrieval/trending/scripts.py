"""What must happen at once in Valkey, as its own Lua scripts."""

# `add` moves one item in the sorted sets that begin with `prefix`: "" for the live ones.
_ADD = """
local function add(all, category_prefix, categories, item, category, amount)
  local text = string.format('%.17g', amount)
  redis.call('ZINCRBY', all, text, item)
  if category ~= '' then
    redis.call('ZINCRBY', category_prefix .. category, text, item)
    if not categories[category] then
      categories[category] = true
      redis.call('SADD', categories.key, category)
    end
  end
end
local function decay(t, landmark, time_constant)
  return math.exp(math.max(-690, math.min((t - landmark) / time_constant, 600)))
end
"""

# KEYS: state, all, categories, journal. ARGV: time constant, reference time, category prefix, the journal's entry,
# then item, category and weight (decayed to the reference time) of each item.
ADD_EVENTS = (
    _ADD
    + """
local landmark = redis.call('HGET', KEYS[1], 'landmark')
if not landmark then
  landmark = ARGV[2]
  redis.call('HSET', KEYS[1], 'landmark', landmark)
end
local categories = {key = KEYS[3]}
local since = decay(tonumber(ARGV[2]), tonumber(landmark), tonumber(ARGV[1]))
for i = 5, #ARGV, 3 do
  add(KEYS[2], ARGV[3], categories, ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]) * since)
end
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if redis.call('EXISTS', KEYS[4]) == 1 then redis.call('RPUSH', KEYS[4], ARGV[4]) end
"""
)

# KEYS: journal. ARGV: seconds to live. A journal that is open already stays as it is.
OPEN_JOURNAL = """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('RPUSH', KEYS[1], '') end
redis.call('EXPIRE', KEYS[1], ARGV[1])
"""

# KEYS: state, all, categories, journal, the staged all and categories, usual and what is staged of it. ARGV: time
# constant, landmark, now,
# category prefix, staged category prefix, then the ids of journaled events that the staged scores hold already.
SWAP = (
    _ADD
    + """
local time_constant, landmark = tonumber(ARGV[1]), tonumber(ARGV[2])
local counted = {}
for i = 6, #ARGV do counted[ARGV[i]] = true end
local staged = {key = KEYS[6]}
for _, entry in ipairs(redis.call('LRANGE', KEYS[4], 1, -1)) do
  local events = cjson.decode(entry)
  for i, id in ipairs(events.id) do
    if not counted[id] then
      local amount = events.weight[i] * decay(events.t[i], landmark, time_constant)
      add(KEYS[5], ARGV[5], staged, events.item[i], events.category[i], amount)
    end
  end
end
for _, category in ipairs(redis.call('SMEMBERS', KEYS[3])) do redis.call('UNLINK', ARGV[4] .. category) end
for _, category in ipairs(redis.call('SMEMBERS', KEYS[6])) do
  redis.call('RENAME', ARGV[5] .. category, ARGV[4] .. category)
end
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
if redis.call('EXISTS', KEYS[5]) == 1 then redis.call('RENAME', KEYS[5], KEYS[2]) end
if redis.call('EXISTS', KEYS[6]) == 1 then redis.call('RENAME', KEYS[6], KEYS[3]) end
redis.call('RENAME', KEYS[8], KEYS[7])
redis.call('HSET', KEYS[1], 'landmark', ARGV[2], 'rebuilt_at', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'moves', 1)
"""
)
