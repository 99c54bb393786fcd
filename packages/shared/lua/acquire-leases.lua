-- Acquires or renews leases of one process. Renewal adds a lease again that Redis has lost.
-- KEYS[1] leases, by expiry
-- ids, ttlMs
-- limit: how many leases there may be (absent: any number)
-- Returns 1, or 0 if the limit is reached and nothing is added.
local now = serverTimeMs()
local function isFull()
  return fields.limit and redis.call('ZCARD', KEYS[1]) >= tonumber(fields.limit)
end
if isFull() then
  -- Processes that died may have left some.
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if isFull() then
    return 0
  end
end
for _, id in ipairs(fields.ids) do
  redis.call('ZADD', KEYS[1], now + fields.ttlMs, id)
end
redis.call('PEXPIRE', KEYS[1], fields.ttlMs)
return 1
