/**
 * The steps of the rate limits as scripts. A bucket is a hash of the moments at which it will be full again (`q` for
 * requests, `t` for tokens; the generic cell rate algorithm) and of the latest step (`n`); places are a sorted set of their leases' ends.
 */

const shared = `
local function exact(n) return string.format('%.17g', n) end
local function nowOf(given)
  if tonumber(given) >= 0 then return tonumber(given) end
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end
-- The bucket as it stands; when the clock has been set back since its latest step, it goes back with it.
local function fullsOf(rate, now)
  local known = redis.call('HMGET', rate, 'q', 't', 'n')
  local requests, tokens, back = tonumber(known[1] or 0), tonumber(known[2] or 0), tonumber(known[3] or 0) - now
  if back <= 0 then return requests, tokens end
  requests, tokens = requests - back, tokens - back
  redis.call('HSET', rate, 'q', exact(requests), 't', exact(tokens), 'n', exact(now))
  return requests, tokens
end
-- How long until a bucket holds what is asked for; sums of fractions may pass it by less than anyone could notice.
local function waitFor(fullAt, needed, now, window)
  local wait = math.max(fullAt, now) + needed - now - window
  if wait < 0.001 then return 0 end
  return math.ceil(wait)
end
`

/**
 * Takes at every level or at none. KEYS: bucket and places of each level. ARGV: now (-1: the server's), tokens, id and
 * lease of the place, then window, requests and tokens in it and places (-1: no limit) of each level. Answers {1, then what
 * is owed of requests and of tokens, in milliseconds, for each level} or {0, level, measure (0 requests, 1 tokens,
 * 2 places), wait (-1: not known)}.
 */
export const takeScript = `${shared}
local now, tokens = nowOf(ARGV[1]), tonumber(ARGV[2])
local levels = #KEYS / 2
local fulls = {}
for i = 1, levels do
  local rate, places = KEYS[i * 2 - 1], KEYS[i * 2]
  local window, most = tonumber(ARGV[1 + i * 4]), tonumber(ARGV[4 + i * 4])
  local requestsMost, tokensMost = tonumber(ARGV[2 + i * 4]), tonumber(ARGV[3 + i * 4])
  local requestsFull, tokensFull = fullsOf(rate, now)
  if most >= 0 then
    redis.call('ZREMRANGEBYSCORE', places, '-inf', exact(now))
    if redis.call('ZCARD', places) >= most then return {0, i - 1, 2, -1} end
  end
  if requestsMost >= 0 then
    if requestsMost < 1 then return {0, i - 1, 0, -1} end
    local wait = waitFor(requestsFull, window / requestsMost, now, window)
    if wait > 0 then return {0, i - 1, 0, wait} end
    requestsFull = math.max(requestsFull, now) + window / requestsMost
  end
  if tokensMost >= 0 then
    if tokensMost < 1 then return {0, i - 1, 1, -1} end
    local needed = math.min(tokens, tokensMost) / tokensMost * window
    local wait = waitFor(tokensFull, needed, now, window)
    if wait > 0 then return {0, i - 1, 1, wait} end
    tokensFull = math.max(tokensFull, now) + needed
  end
  fulls[i] = {requestsFull, tokensFull, requestsMost, tokensMost, most, window}
end
local answer = {1}
for i = 1, levels do
  local full = fulls[i]
  if full[3] >= 0 or full[4] >= 0 then
    redis.call('HSET', KEYS[i * 2 - 1], 'q', exact(full[1]), 't', exact(full[2]), 'n', exact(now))
    local idle = math.max(full[1], full[2]) - now
    redis.call('PEXPIRE', KEYS[i * 2 - 1], string.format('%.0f', math.max(idle, 0) + full[6]))
  end
  if full[5] >= 0 then
    redis.call('ZADD', KEYS[i * 2], exact(now + tonumber(ARGV[4])), ARGV[3])
    redis.call('PEXPIRE', KEYS[i * 2], ARGV[4])
  end
  answer[i * 2] = exact(full[1] - now)
  answer[i * 2 + 1] = exact(full[2] - now)
end
return answer
`

/**
 * Gives the place back and books what was really used; undone, as if nothing had been taken. KEYS as above. ARGV: now,
 * tokens taken, tokens used, id of the place, whether all is undone (1 or 0), then window, requests and tokens in it (-1:
 * no limit) of each level.
 */
export const giveBackScript = `${shared}
local now, taken, used = nowOf(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, #KEYS / 2 do
  local rate, places = KEYS[i * 2 - 1], KEYS[i * 2]
  redis.call('ZREM', places, ARGV[4])
  local window, requests, most = tonumber(ARGV[3 + i * 3]), tonumber(ARGV[4 + i * 3]), tonumber(ARGV[5 + i * 3])
  local requestsFull, tokensFull = fullsOf(rate, now)
  if most >= 1 then
    local shift = (used - math.min(taken, most)) * window / most
    -- Overuse counts from now; unused tokens only shorten what is still owed.
    if shift > 0 then tokensFull = math.max(tokensFull, now) + shift else tokensFull = tokensFull + shift end
  end
  if ARGV[5] == '1' and requests >= 1 then requestsFull = requestsFull - window / requests end
  if most >= 1 or (ARGV[5] == '1' and requests >= 1) then
    redis.call('HSET', rate, 'q', exact(requestsFull), 't', exact(tokensFull), 'n', exact(now))
    local idle = math.max(requestsFull, tokensFull) - now
    redis.call('PEXPIRE', rate, string.format('%.0f', math.max(idle, 0) + window))
  end
end
return 1
`
