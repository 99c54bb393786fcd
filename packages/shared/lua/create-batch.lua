-- Makes a batch's state unless there is one. Items that have a record already are counted by it, all others as queued.
-- KEYS[1] batch  KEYS[2] the owner's batches  KEYS[3] the batches that are open  KEYS[4..] items by status
-- ARGV[1] batch id  ARGV[2] created in ms  ARGV[3] total  ARGV[4] how many statuses, then their names, then fields and values
-- Returns 1 when it was made.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
local queued, statuses = tonumber(ARGV[3]), tonumber(ARGV[4])
for i = 1, statuses do
  local count = redis.call('ZCARD', KEYS[3 + i])
  redis.call('HSET', KEYS[1], ARGV[4 + i], count)
  queued = queued - count
end
redis.call('HSET', KEYS[1], 'queued', queued, unpack(ARGV, 5 + statuses))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return 1
