-- Notes how far a batch has been looked at, unless Redis lost it meanwhile: what was put under way then is lost as well.
-- KEYS[1] batch
-- ARGV[1] the batch's firstVersion, as it was seen  ARGV[2] place
-- Returns 1 when noted.
if redis.call('HGET', KEYS[1], 'firstVersion') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'next', ARGV[2])
return 1
