-- Reserves items of an owner's hourly limit for a batch that is being received.
-- KEYS[1] the hour: `kept` items, and the items reserved by each lease  KEYS[2] leases, by expiry
-- leaseId, items, limit, windowMs  isWhole: all of the items or none, for the field `kept` instead of a lease
-- Returns the number of reserved items, that of the lease in this hour, and the ms until the hour ends.
local now = serverTimeMs()
local reservations = redis.call('HGETALL', KEYS[1])
local used = 0
for i = 1, #reservations, 2 do
  local reserver = reservations[i]
  local expiry = redis.call('ZSCORE', KEYS[2], reserver)
  if reserver == 'kept' or reserver == fields.leaseId or (expiry and tonumber(expiry) > now) then
    used = used + reservations[i + 1]
  else
    -- The lease has expired: its process is dead.
    redis.call('HDEL', KEYS[1], reserver)
  end
end
-- Half of the rest stays free, so that a batch that reserves more than it needs does not block the others.
local rest = math.max(0, fields.limit - used)
local items = tonumber(fields.items)
local reserved = math.min(items, math.ceil(rest / 2))
if fields.isWhole then
  reserved = items <= rest and items or 0
end
local ofLease = redis.call('HINCRBY', KEYS[1], fields.leaseId, reserved)
if redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], fields.windowMs)
end
return { reserved, ofLease, redis.call('PTTL', KEYS[1]) }
