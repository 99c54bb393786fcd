-- Removes an image's record and its entries in indexes, unless the record has changed.
-- KEYS[1] record  KEYS[2] epoch  KEYS[3] bytes of the records of each owner  KEYS[4..] indexes
-- id, owner, version: as read  overhead: bytes of a record beside its document  entries: what each index has, as in transition
-- epoch: its number
-- Returns 1 if the record is gone, 0 if it has changed, LOST if the epoch has ended.
if isLost(KEYS[2]) then
  return LOST
end
local version = redis.call('HGET', KEYS[1], 'version')
if version and version ~= fields.version then
  return 0
end
local freed = version and redis.call('HSTRLEN', KEYS[1], 'doc') + fields.overhead or 0
redis.call('DEL', KEYS[1])
for i, entry in ipairs(fields.entries) do
  freed = freed + removeEntry(KEYS[3 + i], entry)
end
-- HINCRBY refuses -0.
if freed > 0 then
  redis.call('HINCRBY', KEYS[3], fields.owner, -freed)
end
return 1
