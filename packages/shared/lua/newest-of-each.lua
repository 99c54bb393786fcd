-- Reads the newest members of indexes by time.
-- KEYS[1..] indexes
-- ARGV[1] most members of each
-- Returns the members of all indexes, in the order of the indexes and newest first.
local found = {}
for _, key in ipairs(KEYS) do
  for _, id in ipairs(redis.call('ZREVRANGE', key, 0, ARGV[1] - 1)) do
    found[#found + 1] = id
  end
end
return found
