-- Makes the state of a batch whose items are all deleted, as its tombstone says, whatever Redis has of the batch. No item
-- of it can have a record from then on.
-- KEYS[1] batch  KEYS[2] the owner's batches  KEYS[3] the batches that are open  KEYS[4] expiry index  KEYS[5] window
-- KEYS[6] pending items  KEYS[7] shared sources taken
-- ARGV[1] batch id  ARGV[2] created in ms  ARGV[3] a version above all that were reported  ARGV[4] expiresAt in ms
-- ARGV[5] channel  then fields and values
-- Returns 1 when it was buried now.
local function field(name)
  return tonumber(redis.call('HGET', KEYS[1], name) or 0)
end
if redis.call('HEXISTS', KEYS[1], 'buriedAt') == 1 or redis.call('HEXISTS', KEYS[1], 'forgottenAt') == 1 then
  return 0
end
local known = redis.call('EXISTS', KEYS[1]) == 1
local version, updatedAt = field('version'), redis.call('HGET', KEYS[1], 'updatedAt')
local isReported = known and field('total') == field('deleted')
local firstVersion = math.max(field('firstVersion') + 1, tonumber(ARGV[3]))
redis.call('DEL', KEYS[1], KEYS[5], KEYS[6], KEYS[7])
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('HSET', KEYS[1], 'firstVersion', string.format('%.0f', firstVersion))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1])
-- The counts that were reported stay true, and so does their version.
if isReported then
  redis.call('HSET', KEYS[1], 'version', string.format('%.0f', version), 'updatedAt', updatedAt)
  return 1
end
local newVersion = string.format('%.0f', math.max(version + 1, tonumber(ARGV[3])))
redis.call('HSET', KEYS[1], 'version', newVersion)
redis.call('PUBLISH', ARGV[5], ARGV[1] .. ' ' .. newVersion .. ' ' .. (redis.call('HGET', KEYS[1], 'owner') or '-') .. ' - -')
return 1
