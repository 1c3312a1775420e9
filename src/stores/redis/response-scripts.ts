/**
 * The steps of the shelf of responses as scripts. Everything of a tenant lies in one slot, behind one tag. A response is a
 * hash: `s` sealed text, `i` the items that it brought; an item is a sorted set of the responses that brought it, by the
 * end of their time; `ends` is a sorted set of all responses of the tenant, by the end of theirs. Redis drops each key in
 * its own time, by the server's clock.
 */

const shared = `
local tag = ARGV[1]
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function ends() return tag .. ':ends' end
local function responseAt(name) return tag .. ':response:' .. name end
local function itemAt(item) return tag .. ':item:' .. item end
local function drop(name)
  local items = redis.call('HGET', responseAt(name), 'i')
  redis.call('ZREM', ends(), name)
  if not items then return 0 end
  for item in string.gmatch(items, '%S+') do redis.call('ZREM', itemAt(item), name) end
  redis.call('DEL', responseAt(name))
  return 1
end
local function atLeast(key, keepMs)
  if redis.call('PTTL', key) < tonumber(keepMs) then redis.call('PEXPIRE', key, keepMs) end
end
`

/** KEYS: the response. ARGV: tag, name, sealed text, items with blanks between them, how long it is kept, most of a tenant. */
export const putScript = `${shared}
local name, keepMs = ARGV[2], ARGV[5]
drop(name)
local now = nowMs()
local untilMs = string.format('%.0f', now + tonumber(keepMs))
redis.call('HSET', KEYS[1], 's', ARGV[3], 'i', ARGV[4])
redis.call('PEXPIRE', KEYS[1], keepMs)
for item in string.gmatch(ARGV[4], '%S+') do
  redis.call('ZADD', itemAt(item), untilMs, name)
  atLeast(itemAt(item), keepMs)
end
redis.call('ZADD', ends(), untilMs, name)
atLeast(ends(), keepMs)
redis.call('ZREMRANGEBYSCORE', ends(), '-inf', string.format('%.0f', now))
local tooMany = redis.call('ZCARD', ends()) - tonumber(ARGV[6])
if tooMany > 0 then
  for _, old in ipairs(redis.call('ZRANGE', ends(), 0, tooMany - 1)) do drop(old) end
end
return 1
`

/** KEYS: the item. ARGV: tag. Answers the name of the response that brought it and is kept longest, or nothing. */
export const nameOfItemScript = `${shared}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', nowMs()))
return redis.call('ZRANGE', KEYS[1], -1, -1)[1]
`

/** KEYS: the response. ARGV: tag, name. */
export const removeScript = `${shared}
return drop(ARGV[2])
`
