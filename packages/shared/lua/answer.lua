-- Notes that what was asked of a batch is done.
-- KEYS[1] batch
-- ARGV[1] batch id  ARGV[2] field  ARGV[3] now in ms  ARGV[4] channel
if redis.call('HDEL', KEYS[1], ARGV[2]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'updatedAt', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[1] .. ' ' .. redis.call('HINCRBY', KEYS[1], 'version', 1))
return 1
