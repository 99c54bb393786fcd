-- Adds a lease unless there are as many as there may be. Leases that have expired are removed.
-- KEYS[1] leases by their expiry
-- ARGV[1] lease id  ARGV[2] most leases  ARGV[3] lifetime in ms
-- Returns 1 when it was added.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
  return 0
end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
