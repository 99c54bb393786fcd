-- Writes a new version of an image's record, and with it the indexes, the counts of its batch, the change message and an
-- outbox entry.
-- KEYS[1] record  KEYS[2] expiry index  KEYS[3] epoch, then in this order:
--   the indexes that the record leaves, those that it enters
--   for an item: its batch, the batch's window, its pending items, the open batches
--   with a failure: the owner's failure groups, the owners with failures
--   with an entry: the owner's webhook endpoints, the owner's outbox, the owners with events in their outbox
-- ARGV[2] document
-- The fields:
-- id, version, expiresAt (ms; absent: the record does not expire)
-- expectedVersion: the version in Redis, 0 for a new record
-- writeId: unique, so that a write that the client sends again is recognized
-- leaves: how many indexes  scores: one for each index that the record enters
-- channel, change: the message to publish
-- batchId, statusBefore, status, place, nowMs: for an item
-- owner; failure, failureBefore: the failure groups that the record enters and leaves, if any
-- entry: event to append to the outbox, if an endpoint of the owner may want it
-- epoch: its number
-- Returns 1 if the record is written, 0 if another write came first, LOST.

-- Endpoints are unknown between a loss of Redis and the end of the restore.
local function mayWantEvent(endpoints)
  if redis.call('HEXISTS', KEYS[3], 'restored') == 0 then
    return true
  end
  for _, wants in ipairs(redis.call('HVALS', endpoints)) do
    if not fields.batchId or string.find(wants, '"items":true', 1, true) then
      return true
    end
  end
  return false
end

-- Moves the record between the failure groups of its owner.
local function moveFailure(groups, owners)
  if fields.failure then
    redis.call('ZADD', groups, 0, fields.failure)
    redis.call('ZADD', owners, 0, fields.owner)
  end
  if fields.failureBefore then
    dropFailureGroup(groups, owners, fields.failureBefore)
  end
end

-- The rate is measured since the older of two samples, which is 15 to 30 s old.
local function sampleRate(batch, remaining)
  local sampleAt, sampleDone, total = unpack(redis.call('HMGET', batch, 'markAt', 'markDone', 'total'))
  if fields.nowMs - sampleAt < 15000 then
    return
  end
  redis.call(
    'HSET', batch, 'priorAt', sampleAt, 'priorDone', sampleDone, 'markAt', fields.nowMs, 'markDone', total - remaining
  )
end

-- Counts an item in its batch, which may end or begin again with it.
local function countItem(batch, before, expiring)
  redis.call('HINCRBY', batch, before, -1)
  redis.call('HINCRBY', batch, fields.status, 1)
  local remaining = remainingOf(batch)
  if remaining == 0 then
    finishBatch(batch, expiring)
  else
    redis.call('HDEL', batch, 'finishedAt', 'expiresAt')
    redis.call('ZREM', expiring, fields.batchId)
  end
  sampleRate(batch, remaining)
  publishBatch(batch)
end

local record, expiring, id = KEYS[1], KEYS[2], fields.id
if isLost(KEYS[3]) then
  return LOST
end
local version = redis.call('HGET', record, 'version')
if (version or '0') ~= fields.expectedVersion then
  return redis.call('HGET', record, 'write') == fields.writeId and 1 or 0
end
local leaves, enters = tonumber(fields.leaves), #fields.scores
local first = 3 + leaves + enters
local batch, window, pending, openBatches
if fields.batchId then
  batch, window, pending, openBatches = unpack(KEYS, first + 1, first + 4)
end
local owner, forgottenAt, buriedAt
if batch then
  owner, forgottenAt, buriedAt = unpack(redis.call('HMGET', batch, 'owner', 'forgottenAt', 'buriedAt'))
end
local hasBatch = owner and not forgottenAt
local before, status, place = fields.statusBefore, fields.status, tonumber(fields.place)
-- After a restore, the versions of a batch and its items begin above all that a response has contained. A worker that read
-- the batch before Redis lost it would create an item below. A published item is restored with its own version.
if
  hasBatch and not version and status ~= 'published'
  and tonumber(fields.version) < tonumber(redis.call('HGET', batch, 'firstVersion'))
then
  return 0
end
local isOpen = status == 'queued' or status == 'processing'
if hasBatch and not version then
  -- The batch determines the status of its items without a record.
  if place < numberOf(batch, 'deletedBefore') then
    return 0
  end
  if before == 'queued' and place < numberOf(batch, 'canceledBefore') then
    if isOpen then
      return 0
    end
    before = 'canceled'
  end
end
-- The counts of a buried batch are final: a record that Redis still has of one of its items expires alone.
if buriedAt then
  hasBatch = false
end
redis.call('HSET', record, 'version', fields.version, 'doc', ARGV[2], 'write', fields.writeId)
for i = 1, leaves do
  redis.call('ZREM', KEYS[3 + i], id)
end
for i, score in ipairs(fields.scores) do
  redis.call('ZADD', KEYS[3 + leaves + i], score, id)
end
if fields.failure or fields.failureBefore then
  local at = first + (fields.batchId and 4 or 0)
  moveFailure(KEYS[at + 1], KEYS[at + 2])
end
redis.call('PUBLISH', fields.channel, fields.change)
if fields.entry and mayWantEvent(KEYS[#KEYS - 2]) then
  redis.call('XADD', KEYS[#KEYS - 1], '*', 'entry', fields.entry)
  redis.call('SADD', KEYS[#KEYS], fields.owner)
end

-- An item expires with its batch: a late repeat of the batch finds its items.
if fields.expiresAt and not hasBatch then
  redis.call('ZADD', expiring, fields.expiresAt, id)
else
  redis.call('ZREM', expiring, id)
end
if not hasBatch then
  return 1
end
if not isOpen then
  redis.call('HDEL', window, id)
  redis.call('ZREM', pending, id)
elseif status == 'queued' and before ~= 'queued' and before ~= 'processing' then
  redis.call('ZADD', pending, place, id)
  redis.call('ZADD', openBatches, fields.nowMs, fields.batchId)
end
if before ~= status then
  countItem(batch, before, expiring)
end
return 1
