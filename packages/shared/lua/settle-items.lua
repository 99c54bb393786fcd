-- Ends the reservation of a batch: the items that it kept count, the others do not.
-- KEYS[1] the window
-- ARGV[1] lease id  ARGV[2] items that the batch kept
-- Returns 1 unless the window has ended, and with it the reservation.
local reserved = redis.call('HGET', KEYS[1], ARGV[1])
if not reserved then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
-- What was reserved in an earlier window does not count in this one.
redis.call('HINCRBY', KEYS[1], 'kept', math.min(tonumber(reserved), tonumber(ARGV[2])))
return 1
