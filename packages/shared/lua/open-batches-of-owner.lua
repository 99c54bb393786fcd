-- Lists the open batches of an owner.
-- KEYS[1] open batches  KEYS[2] the owner's batches
-- Returns the ids.
local found = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('ZSCORE', KEYS[2], id) then
    found[#found + 1] = id
  end
end
return found
