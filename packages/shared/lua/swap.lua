-- Replaces a value only if it still is the caller's.
-- KEYS[1] key  ARGV[1] the value seen, or a mark that only it has (empty: none)  ARGV[2] new value (empty: delete)  ARGV[3] ms to live
-- Returns 1 when replaced.
local value = redis.call('GET', KEYS[1]) or ''
if (ARGV[1] == '' and value ~= '') or not string.find(value, ARGV[1], 1, true) then
  return 0
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
