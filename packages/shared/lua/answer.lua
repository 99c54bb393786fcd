-- Notes that what was asked of a batch is done.
-- KEYS[1] batch
-- ARGV[1] batch id  ARGV[2] field  ARGV[3] what it was when the work began  ARGV[4] now in ms  ARGV[5] channel
-- Returns 1 when noted, 0 when it was asked for again meanwhile.
if redis.call('HGET', KEYS[1], ARGV[2]) ~= ARGV[3] then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[2])
redis.call('HSET', KEYS[1], 'updatedAt', ARGV[4])
local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('PUBLISH', ARGV[5], ARGV[1] .. ' ' .. version .. ' ' .. (redis.call('HGET', KEYS[1], 'owner') or '-') .. ' - -')
return 1
