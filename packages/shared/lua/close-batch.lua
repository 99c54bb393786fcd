-- Closes a batch that has nothing left to do.
-- KEYS[1] batch  KEYS[2] window  KEYS[3] pending items  KEYS[4] counts of shared sources  KEYS[5] open batches
-- KEYS[6] expiry index
-- batchId, nowMs, expiresAt (ms): for a batch that no transition of an item has finished
-- Returns 1 if closed, 0 if there is something to do.
local batch = KEYS[1]
for _, name in ipairs(redis.call('HKEYS', batch)) do
  if string.sub(name, 1, 6) == 'retry ' then
    return 0
  end
end
local isDeleting = redis.call('HEXISTS', batch, 'deleteRequestedAt') == 1
  and numberOf(batch, 'deleted') < numberOf(batch, 'total')
if isDeleting or numberOf(batch, 'queued') + numberOf(batch, 'processing') > 0 then
  return 0
end
if redis.call('HEXISTS', batch, 'finishedAt') == 0 then
  redis.call('HSET', batch, 'finishedAt', fields.nowMs, 'expiresAt', fields.expiresAt)
  redis.call('ZADD', KEYS[6], fields.expiresAt, fields.batchId)
end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
redis.call('ZREM', KEYS[5], fields.batchId)
return 1
