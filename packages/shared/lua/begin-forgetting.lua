-- Says that a batch is being forgotten, unless it changed since it was read. From then on nothing can be asked of it.
-- KEYS[1] batch
-- ARGV[1] version it must have  ARGV[2] now in ms
-- Returns 1 when it is said.
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'forgottenAt', ARGV[2])
return 1
