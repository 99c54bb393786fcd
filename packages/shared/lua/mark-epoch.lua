-- Says that this Redis is restored, unless it was emptied since the restore began.
-- KEYS[1] epoch  KEYS[2] the restore, as it was noted when it began  ARGV[1] the run id at that time
-- Returns 1 when it is said.
if redis.call('DEL', KEYS[2]) == 0 then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
