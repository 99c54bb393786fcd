-- The one way an image's record changes: compare the version, write, keep the indexes in step, tell who waits.
-- KEYS[1] record  KEYS[2] expiry index  KEYS[3] index of the status it leaves  KEYS[4..] indexes it belongs to
-- ARGV[1] version it must have (0: none yet)  ARGV[2] new version  ARGV[3] document  ARGV[4] id
-- ARGV[5] createdAt in ms  ARGV[6] expiresAt in ms, or empty  ARGV[7] channel
-- Returns 1 when written, 0 when somebody else was first.
local version = redis.call('HGET', KEYS[1], 'version')
if (version or '0') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'doc', ARGV[3])
redis.call('ZREM', KEYS[3], ARGV[4])
for i = 4, #KEYS do
  redis.call('ZADD', KEYS[i], ARGV[5], ARGV[4])
end
if ARGV[6] == '' then
  redis.call('ZREM', KEYS[2], ARGV[4])
else
  redis.call('ZADD', KEYS[2], ARGV[6], ARGV[4])
end
redis.call('PUBLISH', ARGV[7], ARGV[4] .. ' ' .. ARGV[2])
return 1
