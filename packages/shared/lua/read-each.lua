-- Runs the same reading command for each key: one command of the client for many records or indexes. A pipeline costs the
-- client four times the CPU, 0.5 instead of 0.13 ms for 50 records.
-- KEYS[1..] keys
-- command, arguments: those after the key
-- Returns the results in the order of the keys. The result of a key of another type is its error.
local results = {}
for i, key in ipairs(KEYS) do
  results[i] = redis.pcall(fields.command, key, unpack(fields.arguments))
end
return results
