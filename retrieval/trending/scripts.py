"""What must happen at once in Valkey, as its own Lua scripts."""

# `add` moves items, each once, in the sorted sets that begin with `prefix`: "" for the live ones. Items of one
# category follow one another: many at once are read and written in two calls, for a fifth of the price of one each.
_ADD = """
local function move(key, items, amounts, first, last)
  if first == last then
    redis.call('ZINCRBY', key, amounts[first], items[first])
    return
  end
  local before, after = redis.call('ZMSCORE', key, unpack(items, first, last)), {}
  for i = first, last do
    after[2 * (i - first) + 1] = (tonumber(before[i - first + 1] or 0)) + amounts[i]
    after[2 * (i - first) + 2] = items[i]
  end
  redis.call('ZADD', key, unpack(after))
end
local function add(all, category_prefix, categories_key, items, categories, amounts)
  if #items == 0 then return end
  move(all, items, amounts, 1, #items)
  local first = 1
  for i = 1, #items do
    if categories[i] ~= categories[i + 1] then
      if categories[i] ~= '' then
        move(category_prefix .. categories[i], items, amounts, first, i)
        redis.call('SADD', categories_key, categories[i])
      end
      first = i + 1
    end
  end
end
local function decay(t, landmark, time_constant)
  return math.exp(math.max(-690, math.min((t - landmark) / time_constant, 600)))
end
"""

# KEYS: state, all, categories, journal. ARGV: time constant, reference time, category prefix, what moves, its events,
# both as the journal has them.
ADD_EVENTS = (
    _ADD
    + """
local landmark = redis.call('HGET', KEYS[1], 'landmark')
if not landmark then
  landmark = ARGV[2]
  redis.call('HSET', KEYS[1], 'landmark', landmark)
end
local moving = cjson.decode(ARGV[4])
local since = decay(tonumber(ARGV[2]), tonumber(landmark), tonumber(ARGV[1]))
for i, amount in ipairs(moving.amount) do moving.amount[i] = amount * since end
add(KEYS[2], ARGV[3], KEYS[3], moving.item, moving.category, moving.amount)
redis.call('HINCRBY', KEYS[1], 'moves', 1)
if redis.call('EXISTS', KEYS[4]) == 1 then redis.call('RPUSH', KEYS[4], ARGV[4], ARGV[5]) end
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
local journal = redis.call('LRANGE', KEYS[4], 1, -1)
for entry = 1, #journal, 2 do
  local moving, events = cjson.decode(journal[entry]), cjson.decode(journal[entry + 1])
  local items, categories, amounts, i = {}, {}, {}, 0
  for place, item in ipairs(moving.item) do
    local amount = 0
    for _ = 1, events.count[place] do
      i = i + 1
      if not counted[events.id[i]] then
        amount = amount + events.weight[i] * decay(events.t[i], landmark, time_constant)
      end
    end
    if amount > 0 then
      local n = #items + 1
      items[n], categories[n], amounts[n] = item, moving.category[place], amount
    end
  end
  add(KEYS[5], ARGV[5], KEYS[6], items, categories, amounts)
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
