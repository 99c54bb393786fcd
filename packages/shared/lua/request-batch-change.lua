-- Requests a change of a batch: to cancel it or to delete it, at most once; to retry its failed items, any number of times.
-- KEYS[1] batch  KEYS[2] open batches
-- batchId, field, nowMs, channel
-- Returns 1 if the request is recorded, 0 if it was before or would change nothing.
local batch = KEYS[1]
local function isRetry(name)
  return string.sub(name, 1, 6) == 'retry '
end
local function isRunning()
  if numberOf(batch, 'queued') + numberOf(batch, 'processing') > 0 then
    return true
  end
  for _, name in ipairs(redis.call('HKEYS', batch)) do
    if isRetry(name) then
      return true
    end
  end
  return false
end
local function has(name)
  return redis.call('HEXISTS', batch, name) == 1
end
if redis.call('EXISTS', batch) == 0 or has('forgottenAt') or has('buriedAt') then
  return 0
end
if fields.field == 'cancelRequestedAt' and not isRunning() then
  return 0
end
if not isRetry(fields.field) and has(fields.field) then
  return 0
end
redis.call('HSET', batch, fields.field, fields.nowMs, 'updatedAt', fields.nowMs)
redis.call('ZADD', KEYS[2], fields.nowMs, fields.batchId)
publishBatch(batch, redis.call('HINCRBY', batch, 'version', 1))
return 1
