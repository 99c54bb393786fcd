-- Makes a batch's state unless there is one. Items that have a record already are counted by it; of the others, those
-- with an invalid row are counted as failed and the rest as queued.
-- KEYS[1] batch  KEYS[2] the owner's batches  KEYS[3] the batches that are open  KEYS[4] expiry index
-- KEYS[5] items with an invalid row that have a record  KEYS[6..] items by status
-- ARGV[1] batch id  ARGV[2] created in ms  ARGV[3] total  ARGV[4] invalid rows  ARGV[5] expiresAt in ms, or empty
-- ARGV[6] how many statuses, then their names, then fields and values
-- Returns 1 when it was made.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
local statuses = tonumber(ARGV[6])
local failed = math.max(0, tonumber(ARGV[4]) - redis.call('ZCARD', KEYS[5]))
local queued = tonumber(ARGV[3]) - failed
for i = 1, statuses do
  local count = redis.call('ZCARD', KEYS[5 + i])
  queued = queued - count
  if ARGV[6 + i] == 'failed' then
    count = count + failed
  end
  redis.call('HSET', KEYS[1], ARGV[6 + i], count)
end
redis.call('HSET', KEYS[1], 'queued', queued, unpack(ARGV, 7 + statuses))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
if ARGV[5] ~= '' then
  redis.call('ZADD', KEYS[4], ARGV[5], ARGV[1])
end
return 1
