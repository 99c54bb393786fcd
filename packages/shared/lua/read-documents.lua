-- Reads the documents of records.
-- KEYS[1..] records
-- Returns a document for each record, in their order; none where there is no record.
local documents = {}
for i, key in ipairs(KEYS) do
  documents[i] = redis.call('HGET', key, 'doc')
end
return documents
