-- Creates the state of a batch unless it exists. An item with a record is counted by the record; of the others, invalid
-- rows are counted as failed and the rest as queued.
-- KEYS[1] batch  KEYS[2] the owner's batches  KEYS[3] open batches  KEYS[4] expiry index
-- KEYS[5] epoch  KEYS[6] invalid rows that have a record  KEYS[7..] items with a record, by status
-- batchId, createdAt (ms), total, invalid, expiresAt (ms; absent: not finished)
-- cancelRequestedAt (ms; absent: not requested), of no effect if there was nothing to cancel
-- statuses: those of KEYS[7..]  state: list of names and values of the batch's state
-- epoch: its number
-- Returns 1 if created, LOST.
local batch = KEYS[1]
if isLost(KEYS[5]) then
  return LOST
end
if redis.call('EXISTS', batch) == 1 then
  return 0
end
local failed = math.max(0, fields.invalid - redis.call('ZCARD', KEYS[6]))
local queued = fields.total - failed
for i, status in ipairs(fields.statuses) do
  local count = redis.call('ZCARD', KEYS[6 + i])
  queued = queued - count
  if status == 'failed' then
    count = count + failed
  end
  redis.call('HSET', batch, status, count)
end
redis.call('HSET', batch, 'queued', queued, unpack(fields.state))
if fields.cancelRequestedAt and (remainingOf(batch) > 0 or numberOf(batch, 'canceled') > 0) then
  redis.call('HSET', batch, 'cancelRequestedAt', fields.cancelRequestedAt)
end
redis.call('ZADD', KEYS[2], fields.createdAt, fields.batchId)
redis.call('ZADD', KEYS[3], fields.createdAt, fields.batchId)
if fields.expiresAt then
  redis.call('ZADD', KEYS[4], fields.expiresAt, fields.batchId)
end
return 1
