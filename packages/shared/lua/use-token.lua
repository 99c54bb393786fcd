-- Takes one of the uploads that an upload token allows, or gives one back.
-- KEYS[1] how many are taken
-- change: 1 or -1; a counter that has expired is not created again by -1
-- maxCount, lifetimeMs: for 1
-- Returns 1 if done, 0 if none is left.
local taken = tonumber(redis.call('GET', KEYS[1]) or 0)
if fields.change == '-1' then
  if taken > 0 then
    redis.call('DECR', KEYS[1])
  end
  return 1
end
if taken >= tonumber(fields.maxCount) then
  return 0
end
redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], fields.lifetimeMs)
return 1
