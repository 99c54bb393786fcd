-- The one way an image's record changes: compare the version, write, keep the indexes and the batch's counts in step, tell
-- who waits.
-- KEYS[1] record  KEYS[2] expiry index  then the indexes it leaves, those it enters, and of an item's batch: its state, its
-- window, its pending items, the batches that are open
-- ARGV[1] version it must have (0: none yet)  ARGV[2] new version  ARGV[3] document  ARGV[4] id
-- ARGV[5] expiresAt in ms, or empty  ARGV[6] channel  ARGV[7] how many indexes it leaves  ARGV[8] how many it enters
-- ARGV[9] a name of this write  ARGV[10] the change message of the image
-- then a score for each it enters, and of an item: batch id, status before, status now, place, now in ms
-- Returns 1 when written, 0 when somebody else was first.
local version = redis.call('HGET', KEYS[1], 'version')
if (version or '0') ~= ARGV[1] then
  -- It may be this very write, sent again since its answer was lost.
  return redis.call('HGET', KEYS[1], 'write') == ARGV[9] and 1 or 0
end
local leaves, enters = tonumber(ARGV[7]), tonumber(ARGV[8])
local first = 2 + leaves + enters
local batch, window, pending, open = KEYS[first + 1], KEYS[first + 2], KEYS[first + 3], KEYS[first + 4]
-- One that is being forgotten is as good as gone.
local hasBatch = batch and redis.call('EXISTS', batch) == 1 and redis.call('HEXISTS', batch, 'forgottenAt') == 0
local batchId, before, now, place, ms = unpack(ARGV, 11 + enters)
-- A worker that read the batch before Redis lost it would create an item with a version that a response has contained. A
-- published item is restored with its own version.
if
  hasBatch and not version and now ~= 'published'
  and tonumber(ARGV[2]) < tonumber(redis.call('HGET', batch, 'firstVersion'))
then
  return 0
end
local isOpen = now == 'queued' or now == 'processing'
if hasBatch and not version then
  -- The batch's state says what its items without a record are.
  local function isBefore(field)
    return tonumber(place) < tonumber(redis.call('HGET', batch, field) or 0)
  end
  if isBefore('deletedBefore') then
    return 0
  end
  if before == 'queued' and isBefore('canceledBefore') then
    if isOpen then
      return 0
    end
    before = 'canceled'
  end
end
-- A deleted batch counts no more: the record of an item that Redis still has expires by itself.
if hasBatch and redis.call('HEXISTS', batch, 'buriedAt') == 1 then
  hasBatch = false
end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'doc', ARGV[3], 'write', ARGV[9])
for i = 1, leaves do
  redis.call('ZREM', KEYS[2 + i], ARGV[4])
end
for i = 1, enters do
  redis.call('ZADD', KEYS[2 + leaves + i], ARGV[10 + i], ARGV[4])
end
redis.call('PUBLISH', ARGV[6], ARGV[10])

-- An item's record goes with its batch, or a late repeat of the batch would not know of it.
if ARGV[5] == '' or hasBatch then
  redis.call('ZREM', KEYS[2], ARGV[4])
else
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[4])
end
if not hasBatch then
  return 1
end
if not isOpen then
  redis.call('HDEL', window, ARGV[4])
  redis.call('ZREM', pending, ARGV[4])
elseif now == 'queued' and before ~= 'queued' and before ~= 'processing' then
  redis.call('ZADD', pending, place, ARGV[4])
  redis.call('ZADD', open, ms, batchId)
end
if before == now then
  return 1
end
redis.call('HINCRBY', batch, before, -1)
redis.call('HINCRBY', batch, now, 1)
redis.call('HSET', batch, 'updatedAt', ms)
local left = redis.call('HGET', batch, 'queued') + redis.call('HGET', batch, 'processing')
if left == 0 then
  redis.call('HSETNX', batch, 'finishedAt', ms)
  redis.call('HSET', batch, 'expiresAt', ARGV[5])
  redis.call('ZADD', KEYS[2], ARGV[5], batchId)
else
  redis.call('HDEL', batch, 'finishedAt', 'expiresAt')
  redis.call('ZREM', KEYS[2], batchId)
end
-- Two marks, the older of them 15 to 30 s old, tell the rate.
local done = redis.call('HGET', batch, 'total') - left
if ms - redis.call('HGET', batch, 'markAt') >= 15000 then
  local markAt, markDone = unpack(redis.call('HMGET', batch, 'markAt', 'markDone'))
  redis.call('HSET', batch, 'priorAt', markAt, 'priorDone', markDone, 'markAt', ms, 'markDone', done)
end
local batchVersion = redis.call('HINCRBY', batch, 'version', 1)
redis.call('PUBLISH', ARGV[6], batchId .. ' ' .. batchVersion .. ' ' .. (redis.call('HGET', batch, 'owner') or '-') .. ' - -')
return 1
