-- Cancels or deletes the next items of a batch that have no record, by moving a boundary in the batch's state: no record
-- is created for them.
-- KEYS[1] batch  KEYS[2] expiry index  KEYS[3] epoch  KEYS[4..] the records that the items would have
-- batchId, status (canceled or deleted), nowMs, expiresAt (ms), channels
-- minVersion, canceledBefore, deletedBefore: as read
-- boundary (canceledBefore or deletedBefore), to: its new value
-- counted: how many of the items are counted under which status
-- epoch: its number
-- Returns 1 if done, LOST, 0 if the batch changed or one of the items has a record: read them again.
local batch = KEYS[1]
if isLost(KEYS[3]) then
  return LOST
end
if
  redis.call('HGET', batch, 'minVersion') ~= fields.minVersion
  or redis.call('HEXISTS', batch, 'forgottenAt') == 1
  or numberOf(batch, 'canceledBefore') ~= tonumber(fields.canceledBefore)
  or numberOf(batch, 'deletedBefore') ~= tonumber(fields.deletedBefore)
  or (#KEYS > 3 and redis.call('EXISTS', unpack(KEYS, 4)) > 0)
then
  return 0
end
redis.call('HSET', batch, fields.boundary, fields.to)
local changed = 0
for status, count in pairs(fields.counted) do
  redis.call('HINCRBY', batch, status, -tonumber(count))
  changed = changed + tonumber(count)
end
if changed == 0 then
  return 1
end
redis.call('HINCRBY', batch, fields.status, changed)
if remainingOf(batch) == 0 then
  finishBatch(batch, KEYS[2])
end
publishBatch(batch)
return 1
