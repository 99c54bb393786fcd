-- Changes something that Redis keeps of a batch, unless Redis lost the batch since it was read: what is true of the one
-- that was read need not be of the one that was put back.
-- KEYS[1] batch  KEYS[2] what is changed
-- ARGV[1] the batch's firstVersion, as it was read  ARGV[2] command  ARGV[3..] its arguments after the key
-- Returns 1 when changed.
if redis.call('HGET', KEYS[1], 'firstVersion') ~= ARGV[1] then
  return 0
end
redis.call(ARGV[2], KEYS[2], unpack(ARGV, 3))
return 1
