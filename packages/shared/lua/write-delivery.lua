-- Stores, replaces or removes a delivery, with its indexes and the bytes of its owner.
-- KEYS[1] the events about one image, batch or endpoint, with their deliveries
-- KEYS[2] the endpoint's deliveries that have ended, by the time of their removal  KEYS[3] its pending ones, by the time they are due
-- KEYS[4] the owner's deliveries  KEYS[5] the bytes of all, of ended ones, and of the pending ones of each endpoint
-- KEYS[6] the number of events dropped for each endpoint  KEYS[7] the owner's endpoints with deliveries
-- KEYS[8] the owner of each endpoint with deliveries
-- id, endpointId, owner; eventField, field: in KEYS[1]
-- delivery: its new text; without it, the delivery is removed
-- dueAt: when it is due; without it, the delivery has ended  removeAt: when an ended one is removed
-- event, createdAt, maxBytes: of a new delivery; without them, a delivery that is gone stays gone
-- overhead: bytes of the indexes of a delivery, or of the key of an event
-- Returns the bytes of all the owner's deliveries; -1 if a new one is dropped for want of space.
local about, ended, due, all, bytes = unpack(KEYS, 1, 5)
local before = redis.call('HGET', about, fields.field)

local function count(sign, text)
  redis.call('HINCRBY', bytes, 'all', sign * (#text + fields.overhead))
end

local function countDelivery(sign, delivery, isPending)
  count(sign, delivery)
  redis.call('HINCRBY', bytes, isPending and fields.endpointId or 'ended', sign * (#delivery + fields.overhead))
end

-- Removes the event with its last delivery.
local function dropEvent()
  for _, field in ipairs(redis.call('HKEYS', about)) do
    if field ~= fields.eventField and string.sub(field, 1, #fields.eventField) == fields.eventField then
      return
    end
  end
  local event = redis.call('HGET', about, fields.eventField)
  if event then
    count(-1, event)
    redis.call('HDEL', about, fields.eventField)
  end
end

if fields.event then
  if before then
    return numberOf(bytes, 'all')
  end
  -- An endpoint may use as much as is left: however much one that fails has pending, the others have as much.
  local remaining = fields.maxBytes - numberOf(bytes, 'all') + numberOf(bytes, 'ended')
  if numberOf(bytes, fields.endpointId) > remaining then
    redis.call('HINCRBY', KEYS[6], fields.endpointId, 1)
    return -1
  end
  if redis.call('HSETNX', about, fields.eventField, fields.event) == 1 then
    count(1, fields.event)
  end
  redis.call('ZADD', all, fields.createdAt, fields.id)
  redis.call('SADD', KEYS[7], fields.endpointId)
  redis.call('HSET', KEYS[8], fields.endpointId, fields.owner)
elseif fields.delivery and not before then
  return numberOf(bytes, 'all')
end

if before then
  countDelivery(-1, before, redis.call('ZSCORE', due, fields.id))
end
redis.call('ZREM', due, fields.id)
redis.call('ZREM', ended, fields.id)
if fields.delivery then
  redis.call('HSET', about, fields.field, fields.delivery)
  countDelivery(1, fields.delivery, fields.dueAt)
  if fields.dueAt then
    redis.call('ZADD', due, fields.dueAt, fields.id)
  else
    redis.call('ZADD', ended, fields.removeAt, fields.id)
  end
else
  redis.call('HDEL', about, fields.field)
  redis.call('ZREM', all, fields.id)
  dropEvent()
end
if redis.call('EXISTS', due) == 0 then
  redis.call('HDEL', bytes, fields.endpointId)
  if redis.call('EXISTS', ended) == 0 then
    redis.call('SREM', KEYS[7], fields.endpointId)
    redis.call('HDEL', KEYS[8], fields.endpointId)
  end
end
return numberOf(bytes, 'all')
