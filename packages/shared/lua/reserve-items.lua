-- Reserves items of an owner for a batch that is being received, within the limit of a time window.
-- KEYS[1] the window: `kept` items, and the items reserved for each batch by its lease  KEYS[2] leases by their expiry
-- ARGV[1] lease id  ARGV[2] items  ARGV[3] limit  ARGV[4] length of the window in ms
-- Returns the number of items reserved, and the ms until the window ends.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fields = redis.call('HGETALL', KEYS[1])
local used = 0
for i = 1, #fields, 2 do
  local expiry = redis.call('ZSCORE', KEYS[2], fields[i])
  if fields[i] == 'kept' or fields[i] == ARGV[1] or (expiry and tonumber(expiry) > now) then
    used = used + fields[i + 1]
  else
    -- Its process has died.
    redis.call('HDEL', KEYS[1], fields[i])
  end
end
-- Half of what is left stays for other batches: these are refused for what one reserves and may not need.
local left = math.max(0, ARGV[3] - used)
local reserved = math.min(tonumber(ARGV[2]), math.ceil(left / 2))
redis.call('HINCRBY', KEYS[1], ARGV[1], reserved)
if redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return { reserved, redis.call('PTTL', KEYS[1]) }
