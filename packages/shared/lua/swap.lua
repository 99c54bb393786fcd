-- Replaces a value only if it still is the caller's.
-- KEYS[1] key  KEYS[2] where there is one: what must be there
-- ARGV[1] the value seen, or a part that only the caller's has (empty: none)  ARGV[2] new value (empty: delete)
-- ARGV[3] ms to live  ARGV[4] 1: none will do as well
-- Returns 1 when replaced, 0 when it is another's, -1 when what must be there is not.
local value = redis.call('GET', KEYS[1])
local isCallers = value and ARGV[1] ~= '' and string.find(value, ARGV[1], 1, true)
local mayBeNone = ARGV[1] == '' or ARGV[4] == '1'
if not isCallers and (value or not mayBeNone) then
  return 0
end
if KEYS[2] and redis.call('EXISTS', KEYS[2]) == 0 then
  return -1
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
