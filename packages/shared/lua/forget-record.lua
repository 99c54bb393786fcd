-- Removes an image's record and its entries in indexes, unless the record has changed.
-- KEYS[1] record  KEYS[2] epoch  KEYS[3] bytes of the records of each owner  KEYS[4..] indexes
-- id, owner, version: as read  overhead: bytes of a record beside its document
-- epoch: its number
-- Returns 1 if the record is gone, 0 if it has changed, LOST if the epoch has ended.
if isLost(KEYS[2]) then
  return LOST
end
local version = redis.call('HGET', KEYS[1], 'version')
if version and version ~= fields.version then
  return 0
end
if version then
  redis.call('HINCRBY', KEYS[3], fields.owner, -redis.call('HSTRLEN', KEYS[1], 'doc') - fields.overhead)
  redis.call('DEL', KEYS[1])
end
for i = 4, #KEYS do
  redis.call('ZREM', KEYS[i], fields.id)
end
return 1
