-- Counts the jobs of queues, and finds the oldest of those that are served next.
-- KEYS[4n-3..4n] of the n-th queue: waiting, prioritized, active and delayed jobs
-- keyPrefixes: of the keys of each queue's jobs  head: how many of the next jobs of each queue to read
-- Returns for each queue: waiting, active, delayed, and when the oldest job was added, in ms ('' without a job).
local head = tonumber(fields.head)
local results = {}
for i, keyPrefix in ipairs(fields.keyPrefixes) do
  local waiting, prioritized, active, delayed = unpack(KEYS, 4 * i - 3, 4 * i)
  local ids = redis.call('ZRANGE', prioritized, 0, head - 1)
  for _, id in ipairs(redis.call('LRANGE', waiting, -head, -1)) do
    ids[#ids + 1] = id
  end
  local oldest
  for _, id in ipairs(ids) do
    local added = tonumber(redis.call('HGET', keyPrefix .. id, 'timestamp') or '')
    if added and (not oldest or added < oldest) then
      oldest = added
    end
  end
  results[i] = {
    redis.call('LLEN', waiting) + redis.call('ZCARD', prioritized),
    redis.call('LLEN', active),
    redis.call('ZCARD', delayed),
    oldest and string.format('%.0f', oldest) or '',
  }
end
return results
