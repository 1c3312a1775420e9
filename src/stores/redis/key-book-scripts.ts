/**
 * The steps of the book of idempotency keys as scripts. An entry is a hash: `f` fingerprint, `r` request, `x` end of the
 * lease by the server's clock, `w` until when somebody waits for the end, `o` outcome once there is one. An
 * answer that is kept is a key of its own, which Redis drops in its own time.
 */

const shared = `
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function isHeld(entry, request)
  local found = redis.call('HMGET', entry, 'r', 'o')
  return found[1] == request and not found[2]
end
`

/**
 * KEYS: entry, answer. ARGV: fingerprint, request, lease, how long the entry is remembered, how long the one who asks
 * waits. Answers {`granted`},
 * {`running`, request}, {`finished`, outcome, answer or nothing} or {`other-request`}.
 */
export const claimScript = `${shared}
local found = redis.call('HMGET', KEYS[1], 'f', 'r', 'x', 'o', 'w')
if found[1] then
  if found[1] ~= ARGV[1] then return {'other-request'} end
  if found[4] then return {'finished', found[4], redis.call('GET', KEYS[2])} end
  if tonumber(found[3]) > nowMs() then
    if tonumber(ARGV[5]) > 0 then
      local untilMs = math.max(nowMs() + tonumber(ARGV[5]), tonumber(found[5] or 0))
      redis.call('HSET', KEYS[1], 'w', string.format('%.0f', untilMs))
    end
    return {'running', found[2]}
  end
end
redis.call('HSET', KEYS[1], 'f', ARGV[1], 'r', ARGV[2], 'x', string.format('%.0f', nowMs() + tonumber(ARGV[3])))
redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[3]), tonumber(ARGV[4])))
return {'granted'}
`

/** KEYS: entry. ARGV: request, lease. */
export const renewScript = `${shared}
if not isHeld(KEYS[1], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'x', string.format('%.0f', nowMs() + tonumber(ARGV[2])))
return 1
`

/**
 * KEYS: entry, answer. ARGV: request, outcome, how long the answer is kept (0: there is none), answer, whether nothing is
 * written while somebody waits (`1`). Answers 2 when nothing was, for that.
 */
export const finishScript = `${shared}
if not isHeld(KEYS[1], ARGV[1]) then return 0 end
if ARGV[5] == '1' and tonumber(redis.call('HGET', KEYS[1], 'w') or 0) > nowMs() then return 2 end
redis.call('HSET', KEYS[1], 'o', ARGV[2])
if tonumber(ARGV[3]) > 0 then redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[3]) end
return 1
`

/** KEYS: entry. ARGV: request. */
export const releaseScript = `${shared}
if not isHeld(KEYS[1], ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1])
return 1
`
