-- Extends leases, also those that Redis has lost.
-- KEYS[1] leases by their expiry
-- ARGV[1] lifetime in ms  ARGV[2..] lease ids
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do
  redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
