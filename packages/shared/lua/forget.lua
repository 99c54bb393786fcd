-- Forgets an image's record and its places in the indexes, unless it changed since it was read.
-- KEYS[1] record  KEYS[2] expiry index  then the indexes that it stands in
-- ARGV[1] version it must have  ARGV[2] id
-- Returns 1 when it is not there any more, 0 when somebody else was first.
local version = redis.call('HGET', KEYS[1], 'version')
if version and version ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1])
for i = 2, #KEYS do
  redis.call('ZREM', KEYS[i], ARGV[2])
end
return 1
