/** Slices of an instance that is gone, given back: the step of an operator, who vouches that nothing was spent of them. */
import { scriptWords } from '#stores/redis/ledger-scripts.ts'

/**
 * Takes back what expired slices were charged. KEYS: epoch, late holds, members, expired holds... ARGV: epoch, who
 * speaks, session, the instance that held them, how long a sign of life counts, how long a request may run after the
 * lease of its slice, then the ids of the expired holds. Answers `alive`, or {how many, their sum, how many stay because
 * a request may still run}.
 */
export const releaseScript = `${scriptWords}
if not isPresent() then return false end
local now = nowMs()
local sign = redis.call('ZSCORE', KEYS[3], ARGV[4])
if sign and tonumber(sign) >= now - tonumber(ARGV[5]) then return 'alive' end
local count, sum, kept = 0, 0, 0
for i = 4, #KEYS do
  local late = redis.call('HMGET', KEYS[i], 'a', 'c', 'o', 'x')
  if late[1] and late[3] == ARGV[4] then
    if tonumber(late[4]) + tonumber(ARGV[6]) > now then
      kept = kept + 1
    else
      local amount = tonumber(late[1])
      add(late[2], 's', -amount)
      add(late[2], 'e', -amount)
      redis.call('DEL', KEYS[i])
      redis.call('ZREM', KEYS[2], ARGV[i + 3])
      count, sum = count + 1, sum + amount
    end
  end
end
return {count, whole(sum), kept}
`
