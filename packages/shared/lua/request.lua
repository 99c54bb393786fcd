-- Notes once what is asked of a batch: to cancel it, to delete it, to try its failed items again.
-- KEYS[1] batch  KEYS[2] the batches that are open
-- ARGV[1] batch id  ARGV[2] field  ARGV[3] now in ms  ARGV[4] channel
-- Returns 1 when it was not asked for before and there is anything it could change.
local function field(name)
  return tonumber(redis.call('HGET', KEYS[1], name) or 0)
end
if ARGV[2] == 'cancelRequestedAt' and field('queued') + field('processing') == 0 then
  return 0
end
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HSETNX', KEYS[1], ARGV[2], ARGV[3]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'updatedAt', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('PUBLISH', ARGV[4], ARGV[1] .. ' ' .. redis.call('HINCRBY', KEYS[1], 'version', 1))
return 1
