-- Ends the reservation of a batch: the items that it kept count, the others are free again.
-- KEYS[1] the hour, see reserve-items.lua
-- leaseId, kept
-- Returns 1, or 0 if the hour has ended, and the reservation with it.
local reserved = redis.call('HGET', KEYS[1], fields.leaseId)
if not reserved then
  return 0
end
redis.call('HDEL', KEYS[1], fields.leaseId)
-- Items reserved in an earlier hour do not count in this one.
redis.call('HINCRBY', KEYS[1], 'kept', math.min(tonumber(reserved), tonumber(fields.kept)))
return 1
