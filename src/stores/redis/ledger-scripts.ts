/**
 * The ledger's steps as scripts: each is atomic on the server, and each changes nothing when it refuses.
 *
 * A counter is a hash: `s` settled, `r` reserved, `e` the part of `s` that stands for expired holds. A hold is a hash:
 * `a` amount, `x` its end, `c` its counters, one key a line. Amounts are whole nano-dollars below 2^53, which Lua's
 * numbers hold exactly; `whole` writes them without an exponent.
 */

const shared = `
local function whole(n) return string.format('%.0f', n) end
local function names(text) return string.gmatch(text, '[^\\n]+') end
local function add(counters, field, amount)
  if amount == 0 then return end
  for name in names(counters) do redis.call('HINCRBY', name, field, whole(amount)) end
end
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/**
 * Holds, or refits an open hold. KEYS: hold, expiries, counters..., then the earlier parts of each counter's rolling
 * window, whose money counts against its limit as well. ARGV: `reserve` or `extend`, hold id, amount, least amount, end
 * of the hold, number of counters, then for each counter limit (-1: none), end of the window (-1: none), how long it is
 * kept after that, and number of its earlier parts. Answers {1, amount held} or {0, number of the counter, settled,
 * reserved}.
 */
export const holdScript = `${shared}
local holdKey, expiries = KEYS[1], KEYS[2]
local known = redis.call('HMGET', holdKey, 'a', 'c')
local own = known[1] and tonumber(known[1])
if own and ARGV[1] == 'reserve' then return {1, whole(own)} end
local ownCounters = {}
if own then for name in names(known[2]) do ownCounters[name] = true end end

local function standing(name)
  local counter = redis.call('HMGET', name, 's', 'r')
  return tonumber(counter[1] or 0), tonumber(counter[2] or 0), ownCounters[name] and own or 0
end

local left, tightest = math.huge, nil
local last = 2 + tonumber(ARGV[6])
local part = last
for i = 3, last do
  local at = 7 + (i - 3) * 4
  local limit, parts = tonumber(ARGV[at]), tonumber(ARGV[at + 3])
  if limit >= 0 then
    local settled, reserved, ownHere = standing(KEYS[i])
    for j = part + 1, part + parts do
      local earlierSettled, earlierReserved, ownEarlier = standing(KEYS[j])
      settled, reserved = settled + earlierSettled, reserved + earlierReserved - ownEarlier
    end
    local here = math.max(0, limit - settled - reserved + ownHere)
    if here < left then left, tightest = here, {i - 3, settled, reserved} end
  end
  part = part + parts
end
local wished = math.max(own or 0, tonumber(ARGV[3]))
local amount = math.min(wished, left)
if tightest and amount < tonumber(ARGV[4]) then
  return {0, tightest[1], whole(tightest[2]), whole(tightest[3])}
end

if own then add(known[2], 'r', -own) end
local now = nowMs()
for i = 3, last do
  redis.call('HINCRBY', KEYS[i], 'r', whole(amount))
  local endsAt, kept = tonumber(ARGV[8 + (i - 3) * 4]), tonumber(ARGV[9 + (i - 3) * 4])
  if endsAt >= 0 then redis.call('PEXPIREAT', KEYS[i], whole(math.max(now, endsAt) + kept)) end
end
redis.call('HSET', holdKey, 'a', whole(amount), 'x', ARGV[5], 'c', table.concat(KEYS, '\\n', 3, last))
redis.call('ZADD', expiries, ARGV[5], ARGV[2])
return {1, whole(amount)}
`

/**
 * Charges a hold, or corrects one that expired. KEYS: hold, expired hold, expiries. ARGV: hold id, amount spent.
 * Answers {`settled`, `late` or `unknown`, the amount that was held}.
 */
export const settleScript = `${shared}
local spent = tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'a', 'c')
if held[1] then
  add(held[2], 'r', -tonumber(held[1]))
  add(held[2], 's', spent)
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  return {'settled', held[1]}
end
local late = redis.call('HMGET', KEYS[2], 'a', 'c')
if late[1] then
  add(late[2], 's', spent - tonumber(late[1]))
  add(late[2], 'e', -tonumber(late[1]))
  redis.call('DEL', KEYS[2])
  return {'late', late[1]}
end
return {'unknown', '0'}
`

/**
 * Charges holds whose end has passed in full and remembers them for a late settlement. KEYS: expiries. ARGV: now, how
 * many at most, prefix of holds, prefix of expired holds, how long these are remembered. Answers how many it charged.
 */
export const expireScript = `${shared}
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local holdKey, expiredKey = ARGV[3] .. id, ARGV[4] .. id
  local held = redis.call('HMGET', holdKey, 'a', 'c')
  if held[1] then
    local amount = tonumber(held[1])
    add(held[2], 'r', -amount)
    add(held[2], 's', amount)
    add(held[2], 'e', amount)
    redis.call('RENAME', holdKey, expiredKey)
    redis.call('PEXPIRE', expiredKey, ARGV[5])
  end
  redis.call('ZREM', KEYS[1], id)
end
return #ids
`
