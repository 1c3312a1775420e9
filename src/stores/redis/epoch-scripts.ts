/**
 * The epoch of the ledger as scripts: who keeps the memory, whether it is whole, and how every instance tells again what
 * it knows after a loss. What is told is set, never added: telling it twice changes nothing.
 */
import { scriptWords } from '#stores/redis/ledger-scripts.ts'

const serverWords = `
local function server()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local replication = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  return (run or '') .. '.' .. (replication or '')
end
`

/**
 * What stands in memory, and whose memory it is; begins a session, which ends every earlier one of this instance. KEYS:
 * epoch. ARGV: instance. Answers {server, epoch or empty, now, session}.
 */
export const lookScript = `${scriptWords}${serverWords}
local session = redis.call('HINCRBY', KEYS[1], 't:' .. ARGV[1], 1)
return {server(), redis.call('HGET', KEYS[1], 'v') or '', whole(nowMs()), session}
`

/** Closes the ledger for a new epoch, unless somebody was faster. KEYS: epoch, joined. ARGV: epoch seen, epoch to be. */
export const beginScript = `${scriptWords}
if (redis.call('HGET', KEYS[1], 'v') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[2] .. ' ' .. whole(nowMs()))
redis.call('DEL', KEYS[2])
return 1
`

/** Opens it. KEYS: epoch. ARGV: epoch seen, epoch to be. */
export const openScript = `
if redis.call('HGET', KEYS[1], 'v') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'v', ARGV[2])
return 1
`

/**
 * Sets what an instance's holds were charged in all, where that is more than is known. KEYS: epoch, counters... ARGV:
 * epoch, who tells, session, whose parts, how long counters are kept, then settled, estimated and end of the window
 * (-1: none) of each. Answers, of those of which more is known here, number of the counter and settled.
 */
export const tellPartsScript = `${scriptWords}
if not isPresent() then return false end
local more = {}
local function raise(name, field, sum, known, given)
  if given <= known then return end
  redis.call('HSET', name, field .. ARGV[4], whole(given))
  redis.call('HINCRBY', name, sum, whole(given - known))
end
for i = 2, #KEYS do
  local at = 6 + (i - 2) * 3
  local settled, estimated = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local known = redis.call('HMGET', KEYS[i], 'p:' .. ARGV[4], 'g:' .. ARGV[4])
  local knownSettled, knownEstimated = tonumber(known[1] or 0), tonumber(known[2] or 0)
  raise(KEYS[i], 'p:', 's', knownSettled, settled)
  raise(KEYS[i], 'g:', 'e', knownEstimated, estimated)
  if settled > 0 then keepUntil(KEYS[i], tonumber(ARGV[at + 2]), tonumber(ARGV[5])) end
  if knownSettled > settled then
    more[#more + 1] = i - 2
    more[#more + 1] = whole(knownSettled)
  end
end
return more
`

/**
 * Puts an instance's open holds in the place of all that are known of it, and counts it as joined. KEYS: epoch,
 * expiries, late holds, joined, members. ARGV: epoch, instance, session, whose clock ends go by, prefix of holds, prefix
 * of expired holds, how long counters are kept, number of holds, then for each hold id, amount, end, number of counters,
 * and for each counter key and end of its window (-1: none). Answers whether it was done.
 */
export const tellHoldsScript = `${scriptWords}
if not isPresent() then return 0 end
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local held = redis.call('HMGET', ARGV[5] .. id, 'a', 'c', 'o')
  if held[3] == ARGV[2] then
    add(held[2], 'r', -tonumber(held[1]))
    redis.call('DEL', ARGV[5] .. id)
    redis.call('ZREM', KEYS[2], id)
  end
end
for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  local late = redis.call('HMGET', ARGV[6] .. id, 'a', 'c', 'o')
  if late[3] == ARGV[2] then
    add(late[2], 's', -tonumber(late[1]))
    add(late[2], 'e', -tonumber(late[1]))
    redis.call('DEL', ARGV[6] .. id)
    redis.call('ZREM', KEYS[3], id)
  end
end
local at = 9
for _ = 1, tonumber(ARGV[8]) do
  local id, amount, counters = ARGV[at], tonumber(ARGV[at + 1]), {}
  local ends = whole(endOf(ARGV[4], ARGV[at + 2]))
  local last = at + 3 + tonumber(ARGV[at + 3]) * 2
  for i = at + 4, last, 2 do
    redis.call('HINCRBY', ARGV[i], 'r', whole(amount))
    keepUntil(ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[7]))
    counters[#counters + 1] = ARGV[i]
  end
  redis.call('HSET', ARGV[5] .. id, 'a', whole(amount), 'x', ends, 'o', ARGV[2], 'c', table.concat(counters, '\\n'))
  redis.call('ZADD', KEYS[2], ends, id)
  at = last + 1
end
redis.call('SADD', KEYS[4], ARGV[2])
redis.call('ZADD', KEYS[5], whole(nowMs()), ARGV[2])
return 1
`

/**
 * A sign of life. KEYS: epoch, members. ARGV: epoch, instance, session, how long a sign counts. Answers everyone who
 * gave one lately, or `false` in another epoch or session.
 */
export const beatScript = `${scriptWords}
if not isPresent() then return false end
local now = nowMs()
redis.call('ZADD', KEYS[2], whole(now), ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. whole(now - tonumber(ARGV[4])))
return redis.call('ZRANGE', KEYS[2], 0, -1)
`

/**
 * Stands before a step's own script. With the word `arm` it only compares the server: that lets the server of an epoch
 * know the script, and no other server, so that whoever does not know it has not been looked at. ARGV: `arm`, server.
 */
export const armWords = `${serverWords}
if ARGV[1] == 'arm' then return server() == ARGV[2] and 1 or 0 end
`
