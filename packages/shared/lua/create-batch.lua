-- Makes a batch's state unless there is one.
-- KEYS[1] batch  KEYS[2] the owner's batches  KEYS[3] the batches that are open
-- ARGV[1] batch id  ARGV[2] created in ms  ARGV[3..] fields and values
-- Returns 1 when it was made.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return 1
