-- Replaces the state of a batch whose items are all deleted with what its tombstone contains. From then on no item of the
-- batch can get a record.
-- KEYS[1] batch  KEYS[2] the owner's batches  KEYS[3] open batches  KEYS[4] expiry index  KEYS[5] window
-- KEYS[6] pending items  KEYS[7] counts of shared sources
-- batchId, createdAt (ms), expiresAt (ms), channel
-- version: above every version that a response has contained  state: list of names and values of the batch's state
-- Returns 1 if replaced, 0 if it was before.
local batch = KEYS[1]
if redis.call('HEXISTS', batch, 'buriedAt') == 1 or redis.call('HEXISTS', batch, 'forgottenAt') == 1 then
  return 0
end
local isKnown = redis.call('EXISTS', batch) == 1
local isReported = isKnown and numberOf(batch, 'total') == numberOf(batch, 'deleted')
local version, updatedAt = numberOf(batch, 'version'), redis.call('HGET', batch, 'updatedAt')
local firstVersion = math.max(numberOf(batch, 'firstVersion') + 1, tonumber(fields.version))
redis.call('DEL', batch, KEYS[5], KEYS[6], KEYS[7])
redis.call('HSET', batch, unpack(fields.state))
redis.call('HSET', batch, 'firstVersion', string.format('%.0f', firstVersion))
redis.call('ZADD', KEYS[2], fields.createdAt, fields.batchId)
redis.call('ZADD', KEYS[3], fields.createdAt, fields.batchId)
redis.call('ZADD', KEYS[4], fields.expiresAt, fields.batchId)
-- Responses have contained these counts under this version.
if isReported then
  redis.call('HSET', batch, 'version', string.format('%.0f', version), 'updatedAt', updatedAt)
  return 1
end
local newVersion = string.format('%.0f', math.max(version + 1, tonumber(fields.version)))
redis.call('HSET', batch, 'version', newVersion)
publishBatch(batch, newVersion)
return 1
