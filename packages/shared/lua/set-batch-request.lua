-- Records a request for a batch, or removes it. A batch is canceled and deleted once; its failed items can be retried any
-- number of times.
-- KEYS[1] batch  KEYS[2] open batches  KEYS[3] epoch
-- batchId, field, nowMs, channels
-- doneSince (ms, as read): removes the request of that time instead
-- epoch: its number
-- Returns 1 if done, LOST, 0 if the request would change nothing, or was made again since `doneSince`.
local batch = KEYS[1]
if isLost(KEYS[3]) then
  return LOST
end
local function isRetry(name)
  return string.sub(name, 1, 6) == 'retry '
end
local function has(name)
  return redis.call('HEXISTS', batch, name) == 1
end
local function isRunning()
  for _, name in ipairs(redis.call('HKEYS', batch)) do
    if isRetry(name) then
      return true
    end
  end
  return remainingOf(batch) > 0
end
-- Only a cancellation cancels items. A Redis that was emptied has lost the request, and may have their records again.
local function hasCanceledItems()
  return numberOf(batch, 'canceled') > 0
end
local function isAllowed()
  if redis.call('EXISTS', batch) == 0 or has('forgottenAt') or has('buriedAt') then
    return false
  end
  return isRetry(fields.field)
    or not has(fields.field) and (fields.field ~= 'cancelRequestedAt' or isRunning() or hasCanceledItems())
end
if fields.doneSince then
  if redis.call('HGET', batch, fields.field) ~= fields.doneSince then
    return 0
  end
  redis.call('HDEL', batch, fields.field)
elseif isAllowed() then
  -- Later than every failure until now and than every earlier request, on whichever host that was.
  fields.nowMs = string.format('%.0f', math.max(fields.nowMs, numberOf(batch, 'updatedAt') + 1))
  redis.call('HSET', batch, fields.field, fields.nowMs)
  redis.call('ZADD', KEYS[2], fields.nowMs, fields.batchId)
else
  return 0
end
publishBatch(batch)
return 1
