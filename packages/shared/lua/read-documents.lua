-- Reads the documents of records.
-- KEYS[1..] records
-- Returns the documents in the order of the keys, null for a record that does not exist.
local documents = {}
for i, key in ipairs(KEYS) do
  documents[i] = redis.call('HGET', key, 'doc')
end
return documents
