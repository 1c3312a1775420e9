/**
 * The ledger's steps as scripts: each is atomic on the server, and each changes nothing when it refuses.
 *
 * A counter is a hash: `s` settled, `r` reserved, `e` the part of `s` that stands for expired holds, and for each
 * instance `p:<instance>`, what its own holds were charged, and `g:<instance>`, how much of that is an estimate. So `s`
 * is the sum of all `p` and of the expired holds of others. A hold is a hash: `a` amount, `x` its end, `o` the instance
 * that holds it, `c` its counters, one key a line. Amounts are whole nano-dollars below 2^53, which Lua's numbers hold
 * exactly; `whole` writes them without an exponent.
 *
 * The epoch is a hash: `v` its name, and `t:<instance>` the newest session of each instance. Each step first compares
 * both with what its caller knows, and answers `false` when one is another: nothing that arrives late is done.
 */

/** What the scripts have in common. */
export const scriptWords = `
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
-- The end of a hold: by the server's clock, from now on; by a caller's, as it says.
local function endOf(base, given)
  if base == 'server' then return nowMs() + tonumber(given) end
  return tonumber(given)
end
-- Whether the epoch and the session are those that the caller knows: ARGV 1 to 3 are epoch, instance and session.
local function isPresent()
  local known = redis.call('HMGET', KEYS[1], 'v', 't:' .. ARGV[2])
  return known[1] == ARGV[1] and known[2] == ARGV[3]
end
local function keepUntil(name, endsAt, kept)
  if endsAt >= 0 then redis.call('PEXPIREAT', name, whole(math.max(nowMs(), endsAt) + kept)) end
end
`

/**
 * Holds, or refits an open hold. KEYS: epoch, hold, expiries, counters..., then the earlier parts of each counter's
 * rolling window, whose money counts against its limit as well. ARGV: epoch, instance, session, `reserve`, `extend` or
 * `slice`, hold id, amount, least amount, whose clock the end goes by, end of the hold, number of counters, then for each counter limit (-1: none), end of the window (-1: none), how
 * long it is kept after that, and number of its earlier parts. A slice gets an eighth of what is left at most, and may
 * shrink. Answers {1, amount held} or {0, number of the counter, settled, reserved}.
 */
export const holdScript = `${scriptWords}
if not isPresent() then return false end
local holdKey, expiries = KEYS[2], KEYS[3]
local known = redis.call('HMGET', holdKey, 'a', 'c')
local own = known[1] and tonumber(known[1])
if own and ARGV[4] == 'reserve' then return {1, whole(own)} end
local ownCounters = {}
if own then for name in names(known[2]) do ownCounters[name] = true end end

local function standing(name)
  local counter = redis.call('HMGET', name, 's', 'r')
  return tonumber(counter[1] or 0), tonumber(counter[2] or 0), ownCounters[name] and own or 0
end

local left, tightest = math.huge, nil
local last = 3 + tonumber(ARGV[10])
local part = last
for i = 4, last do
  local at = 11 + (i - 4) * 4
  local limit, parts = tonumber(ARGV[at]), tonumber(ARGV[at + 3])
  if limit >= 0 then
    local settled, reserved, ownHere = standing(KEYS[i])
    for j = part + 1, part + parts do
      local earlierSettled, earlierReserved, ownEarlier = standing(KEYS[j])
      settled, reserved = settled + earlierSettled, reserved + earlierReserved - ownEarlier
    end
    local here = math.max(0, limit - settled - reserved + ownHere)
    if here < left then left, tightest = here, {i - 4, settled, reserved} end
  end
  part = part + parts
end
local amount
if ARGV[4] == 'slice' then amount = math.min(tonumber(ARGV[6]), math.floor(left / 8))
else amount = math.min(math.max(own or 0, tonumber(ARGV[6])), left) end
if tightest and amount < tonumber(ARGV[7]) then
  return {0, tightest[1], whole(tightest[2]), whole(tightest[3])}
end

if own then add(known[2], 'r', -own) end
for i = 4, last do
  redis.call('HINCRBY', KEYS[i], 'r', whole(amount))
  local at = 11 + (i - 4) * 4
  keepUntil(KEYS[i], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]))
end
local ends = whole(endOf(ARGV[8], ARGV[9]))
redis.call('HSET', holdKey, 'a', whole(amount), 'x', ends, 'o', ARGV[2], 'c', table.concat(KEYS, '\\n', 4, last))
redis.call('ZADD', expiries, ends, ARGV[5])
return {1, whole(amount)}
`

/**
 * Charges a hold to the part of its instance, or corrects one that expired. KEYS: epoch, hold, expired hold, expiries,
 * late holds. ARGV: epoch, instance, session, hold id, amount spent. Answers {`settled`, `late` or `unknown`, the amount
 * that was held}.
 */
export const settleScript = `${scriptWords}
if not isPresent() then return false end
local spent = tonumber(ARGV[5])
local held = redis.call('HMGET', KEYS[2], 'a', 'c', 'o')
if held[1] then
  add(held[2], 'r', -tonumber(held[1]))
  add(held[2], 's', spent)
  add(held[2], 'p:' .. held[3], spent)
  redis.call('DEL', KEYS[2])
  redis.call('ZREM', KEYS[4], ARGV[4])
  return {'settled', held[1]}
end
local late = redis.call('HMGET', KEYS[3], 'a', 'c', 'o')
if late[1] then
  add(late[2], 's', spent - tonumber(late[1]))
  add(late[2], 'e', -tonumber(late[1]))
  add(late[2], 'p:' .. late[3], spent)
  redis.call('DEL', KEYS[3])
  redis.call('ZREM', KEYS[5], ARGV[4])
  return {'late', late[1]}
end
return {'unknown', '0'}
`

/**
 * Charges holds whose end has passed in full and remembers them for a late settlement. KEYS: epoch, expiries, late
 * holds. ARGV: epoch, instance, session, whose clock, now by a caller's clock, how many at most, prefix of holds, prefix
 * of expired holds, how long these are remembered. Answers how many it charged.
 */
export const expireScript = `${scriptWords}
if not isPresent() then return false end
local server = nowMs()
local now = ARGV[4] == 'server' and server or tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', whole(server))
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', whole(now), 'LIMIT', 0, ARGV[6])
for _, id in ipairs(ids) do
  local holdKey, expiredKey = ARGV[7] .. id, ARGV[8] .. id
  local held = redis.call('HMGET', holdKey, 'a', 'c')
  if held[1] then
    local amount = tonumber(held[1])
    add(held[2], 'r', -amount)
    add(held[2], 's', amount)
    add(held[2], 'e', amount)
    redis.call('RENAME', holdKey, expiredKey)
    redis.call('PEXPIRE', expiredKey, ARGV[9])
    redis.call('ZADD', KEYS[3], whole(server + tonumber(ARGV[9])), id)
  end
  redis.call('ZREM', KEYS[2], id)
end
return #ids
`
