-- The ids of an owner's batches that have something left to do.
-- KEYS[1] the batches that are open  KEYS[2] the owner's batches
local own = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('ZSCORE', KEYS[2], id) then
    own[#own + 1] = id
  end
end
return own
