-- Counts the workers that have reported lately, by the clock of Redis.
-- KEYS[1] workers by the time of their last report
-- lifeMs: after which a worker counts as gone  id: the worker that reports, if any
local now = serverTimeMs()
local oldest = now - tonumber(fields.lifeMs)
if fields.id then
  redis.call('ZADD', KEYS[1], now, fields.id)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', oldest)
end
return redis.call('ZCOUNT', KEYS[1], oldest, '+inf')
