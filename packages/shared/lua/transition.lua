-- Writes a new version of an image's record, and with it the indexes, the counts of its batch, the change message and an
-- outbox entry.
-- KEYS[1] record  KEYS[2] expiry index  KEYS[3] epoch  KEYS[4] bytes of the records of each owner, then in this order:
--   the indexes that the record leaves, those that it enters
--   for an item: its batch, the batch's window, its pending items, the open batches
--   with a failure: the owner's failure groups, the owners with failures
--   with an event: the owner's webhook endpoints, the owner's outbox, the owners with events in their outbox
-- ARGV[2] document
-- The fields:
-- overhead: bytes of a record beside its document
-- id, version, expiresAt (ms; absent: the record does not expire), hadExpiry: whether the record expired before
-- expectedVersion: the version in Redis, 0 for a new record
-- writeId: unique, so that a write that the client sends again is recognized
-- leaves: what each index loses, enters: what it gets. An entry is {} or {member, bytes}: by default the id, whose bytes are part of the
--   overhead. One that an index gets begins with its score
-- channels: the beginning of the names of channels; taken: that of images that a change takes from an attempt, if it does
-- batchId, statusBefore, status, place, nowMs, held (1: begins to be held, -1: is no longer held): for an item
-- owner; failure, failureBefore: the failure groups that the record enters and leaves, if any
-- event: to append to the outbox, if an endpoint of the owner may want it
-- epoch: its number
-- Returns 1 if the record is written, 2 if an event was appended, too, 0 if another write came first, LOST.

local record, expiring, epoch, recordBytes, id = KEYS[1], KEYS[2], KEYS[3], KEYS[4], fields.id

-- The next keys of the list above.
local lastKey = 4
local function nextKeys(count)
  lastKey = lastKey + count
  return unpack(KEYS, lastKey - count + 1, lastKey)
end

local leaves, enters = { nextKeys(#fields.leaves) }, { nextKeys(#fields.enters) }
local batch, window, pending, openBatches
if fields.batchId then
  batch, window, pending, openBatches = nextKeys(4)
end
local failures, failingOwners
if fields.failure or fields.failureBefore then
  failures, failingOwners = nextKeys(2)
end
local endpoints, outbox, outboxes
if fields.event then
  endpoints, outbox, outboxes = nextKeys(3)
end

local place = tonumber(fields.place)
local held = tonumber(fields.held)

-- The status under which the batch counts an item that has no record yet; nil if the batch accepts no such record.
local function statusWithoutRecord()
  -- After a restore, the versions of a batch and its items begin above all that a response has contained. A worker that read
  -- the batch before Redis lost it would create an item below. A published item is restored with its own version.
  if fields.status ~= 'published' and tonumber(fields.version) < numberOf(batch, 'minVersion') then
    return nil
  end
  if place < numberOf(batch, 'deletedBefore') then
    return nil
  end
  if fields.statusBefore ~= 'queued' or place >= numberOf(batch, 'canceledBefore') then
    return fields.statusBefore
  end
  return not isOpen(fields.status) and 'canceled' or nil
end

local function writeRecord(isNew)
  local added = #ARGV[2] - redis.call('HSTRLEN', record, 'doc') + (isNew and tonumber(fields.overhead) or 0)
  -- The first write, which a full Redis refuses.
  redis.call('HINCRBY', recordBytes, fields.owner, added)
  redis.call('HSET', record, 'version', fields.version, 'doc', ARGV[2], 'write', fields.writeId)
  local entryBytes = 0
  for i, index in ipairs(leaves) do
    entryBytes = entryBytes - removeEntry(index, fields.leaves[i])
  end
  for i, index in ipairs(enters) do
    local score, member, bytes = unpack(fields.enters[i])
    entryBytes = entryBytes + redis.call('ZADD', index, score, member or id) * (bytes or 0)
  end
  if entryBytes ~= 0 then
    redis.call('HINCRBY', recordBytes, fields.owner, entryBytes)
  end
end

-- Moves the record between the failure groups of its owner.
local function moveFailure()
  if fields.failure then
    redis.call('ZADD', failures, 0, fields.failure)
    redis.call('ZADD', failingOwners, 0, fields.owner)
  end
  if fields.failureBefore then
    dropFailureGroup(failures, failingOwners, fields.failureBefore)
  end
end

-- Endpoints are unknown between a loss of Redis and the end of the restore.
local function mayWantEvent()
  if redis.call('HEXISTS', epoch, 'restored') == 0 then
    return true
  end
  for _, wants in ipairs(redis.call('HVALS', endpoints)) do
    if not fields.batchId or string.find(wants, '"items":true', 1, true) then
      return true
    end
  end
  return false
end

-- Returns whether an event was appended.
local function tell()
  publishChange(id, fields.version, fields.owner)
  if fields.taken then
    redis.call('PUBLISH', fields.taken, id .. ' ' .. fields.version)
  end
  if not fields.event or not mayWantEvent() then
    return false
  end
  redis.call('XADD', outbox, '*', 'entry', fields.event)
  redis.call('SADD', outboxes, fields.owner)
  return true
end

local function setExpiry(expiresAt)
  if expiresAt then
    redis.call('ZADD', expiring, expiresAt, id)
  else
    redis.call('ZREM', expiring, id)
  end
end

-- A final or a held item leaves the window; an item with its next run, or with a decision, is pending.
local function moveInWindow(before)
  if not isOpen(fields.status) or held == 1 then
    redis.call('HDEL', window, id)
    redis.call('ZREM', pending, id)
  elseif held == -1 or fields.status == 'queued' and not isOpen(before) then
    redis.call('ZADD', pending, place, id)
    redis.call('ZADD', openBatches, fields.nowMs, fields.batchId)
  end
end

local SAMPLE_MS = 15000

-- The rate is measured since the older of two samples, which is 15 to 30 s old.
local function sampleRate(remaining)
  local at, done, total = unpack(redis.call('HMGET', batch, 'latestSampleAt', 'latestSampleDone', 'total'))
  if fields.nowMs - at < SAMPLE_MS then
    return
  end
  redis.call('HSET', batch, 'olderSampleAt', at, 'olderSampleDone', done)
  redis.call('HSET', batch, 'latestSampleAt', fields.nowMs, 'latestSampleDone', total - remaining)
end

-- Counts an item in its batch, which may end or begin again with it.
local function countItem(before)
  redis.call('HINCRBY', batch, before, -1)
  redis.call('HINCRBY', batch, fields.status, 1)
  if held then
    redis.call('HINCRBY', batch, 'held', held)
  end
  local remaining = remainingOf(batch)
  if remaining == 0 then
    finishBatch(batch, expiring)
  else
    redis.call('HDEL', batch, 'finishedAt', 'expiresAt')
    redis.call('ZREM', expiring, fields.batchId)
  end
  sampleRate(remaining)
  publishBatch(batch)
end

if isLost(epoch) then
  return LOST
end
local version = redis.call('HGET', record, 'version')
if (version or '0') ~= fields.expectedVersion then
  return redis.call('HGET', record, 'write') == fields.writeId and 1 or 0
end
local owner, forgottenAt, buriedAt
if batch then
  owner, forgottenAt, buriedAt = unpack(redis.call('HMGET', batch, 'owner', 'forgottenAt', 'buriedAt'))
end
local hasBatch = owner and not forgottenAt
local before = fields.statusBefore
if hasBatch and not version then
  before = statusWithoutRecord()
  if not before then
    return 0
  end
end
writeRecord(not version)
moveFailure()
local written = tell() and 2 or 1
-- The counts of a buried batch are final: a record that Redis still has of one of its items expires alone.
if not hasBatch or buriedAt then
  if batch or fields.expiresAt or fields.hadExpiry then
    setExpiry(fields.expiresAt)
  end
  return written
end
-- An item expires with its batch: a late repeat of the batch finds its items.
setExpiry(nil)
moveInWindow(before)
if before ~= fields.status or held then
  countItem(before)
end
return written
