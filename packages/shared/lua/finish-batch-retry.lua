-- Removes the request to retry failed items of a batch once all of them are queued.
-- KEYS[1] batch
-- batchId, field, requestedAt (ms, as read), nowMs, channel
-- Returns 1 if removed, 0 if the retry was requested again in the meantime.
local batch = KEYS[1]
if redis.call('HGET', batch, fields.field) ~= fields.requestedAt then
  return 0
end
redis.call('HDEL', batch, fields.field)
redis.call('HSET', batch, 'updatedAt', fields.nowMs)
publishBatch(batch, redis.call('HINCRBY', batch, 'version', 1))
return 1
