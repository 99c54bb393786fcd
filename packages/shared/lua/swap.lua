-- Replaces a value only if it still is what the caller saw.
-- KEYS[1] key  ARGV[1] value seen (empty: none)  ARGV[2] new value (empty: delete)  ARGV[3] ms to live
-- Returns 1 when replaced.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
