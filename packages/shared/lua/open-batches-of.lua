-- The ids of an owner's batches that have anything left to do.
-- KEYS[1] the batches that are open  KEYS[2] the owner's batches
local found = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('ZSCORE', KEYS[2], id) then
    found[#found + 1] = id
  end
end
return found
