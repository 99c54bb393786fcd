-- Says that this Redis is restored, unless it was emptied since the restore began, or another one has begun.
-- KEYS[1] epoch  KEYS[2] who restores  ARGV[1] what that said when it began  ARGV[2] the run id at that time
-- Returns 1 when it is said.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], ARGV[2])
return 1
