-- Comes before every script. ARGV[1] is a JSON object with the named fields of the call. Numbers in it are strings, since
-- cjson keeps 14 digits. ARGV[2] is a document, where a script writes one: cjson would turn its `[]` into `{}`.
local fields = cjson.decode(ARGV[1])

-- A number in a hash; 0 if the hash does not have it.
local function numberOf(key, name)
  return tonumber(redis.call('HGET', key, name) or 0)
end

-- Redis' own clock: those of the processes differ.
local function serverTimeMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- The run id of Redis. INFO takes about 18 µs.
local function ownRunId()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

-- Whether Redis may have lost data that the caller has seen: it was emptied, restarted or replaced by its replica, or another epoch
-- began since. Fields: `epoch`, its number as the caller knows it.
local function isLost(epochKey)
  local epoch = redis.call('HMGET', epochKey, 'number', 'runId')
  return epoch[1] ~= fields.epoch or epoch[2] ~= ownRunId()
end

-- What a script that changes state returns then, without a change.
local LOST = -1

-- Each epoch has its own versions (epoch.ts).
local function firstVersionOf(epoch)
  return tonumber(epoch) * 16777216
end

-- As in contract/src/status.ts.
local OPEN_STATUSES = { 'queued', 'processing' }

local function isOpen(status)
  for _, open in ipairs(OPEN_STATUSES) do
    if status == open then
      return true
    end
  end
  return false
end

-- How many items of a batch are not final.
local function remainingOf(batch)
  local remaining = 0
  for _, status in ipairs(OPEN_STATUSES) do
    remaining = remaining + numberOf(batch, status)
  end
  return remaining
end

-- Ends a batch without remaining items. Fields: `batchId`, `nowMs`, `expiresAt`.
local function finishBatch(batch, expiryIndex)
  redis.call('HSETNX', batch, 'finishedAt', fields.nowMs)
  redis.call('HSET', batch, 'expiresAt', fields.expiresAt)
  redis.call('ZADD', expiryIndex, fields.expiresAt, fields.batchId)
end

-- Publishes a new version of an image or a batch about itself and its owner, in the format of state/changes.ts. Fields: `channels`,
-- the beginning of their names.
local function publishChange(id, version, owner)
  for _, topic in ipairs({ id, owner }) do
    redis.call('PUBLISH', fields.channels .. topic, id .. ' ' .. version)
  end
end

-- Gives a changed batch its next version, and publishes it. Fields: `batchId`, `nowMs`, `channels`, `epoch`.
local function publishBatch(batch)
  local version = string.format('%.0f', math.max(numberOf(batch, 'version') + 1, firstVersionOf(fields.epoch)))
  -- It never goes back, although the clocks of two hosts differ a little.
  local updatedAt = string.format('%.0f', math.max(fields.nowMs, numberOf(batch, 'updatedAt')))
  redis.call('HSET', batch, 'updatedAt', updatedAt, 'version', version)
  publishChange(fields.batchId, version, redis.call('HGET', batch, 'owner') or '')
end

-- Removes the entry {member, bytes} of an image from an index; {} is its id, whose bytes are not counted. Returns the bytes that become
-- free. Fields: `id`.
local function removeEntry(index, entry)
  local member, bytes = unpack(entry)
  return redis.call('ZREM', index, member or fields.id) * (bytes or 0)
end

-- Removes a failure group unless it has images, and the owner from those with failures if no group is left. Fields: `owner`.
local function dropFailureGroup(groups, owners, group)
  if redis.call('EXISTS', groups .. ':' .. group) == 1 then
    return
  end
  redis.call('ZREM', groups, group)
  if redis.call('EXISTS', groups) == 0 then
    redis.call('ZREM', owners, fields.owner)
  end
end
