-- Runs commands only if a field of a hash still has the value that the caller read.
-- KEYS[1] hash  KEYS[2..] further keys and channels of the commands
-- field, expected
-- orAbsent: also runs the commands if the hash does not have the field
-- commands: lists of a command, the number of its key or channel in KEYS, and its other arguments
-- epochKey: the number in KEYS of the epoch, and epoch: its number (both absent: they are not compared)
-- Returns 1 if the commands ran, 0 if the field has another value, LOST.
if fields.epochKey and isLost(KEYS[tonumber(fields.epochKey)]) then
  return LOST
end
local value = redis.call('HGET', KEYS[1], fields.field)
if value ~= fields.expected and (value or not fields.orAbsent) then
  return 0
end
for _, command in ipairs(fields.commands) do
  redis.call(command[1], KEYS[tonumber(command[2])], unpack(command, 3))
end
return 1
