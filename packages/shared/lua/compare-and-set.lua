-- Replaces a claim only if it still is the caller's: of an Idempotency-Key, of the lock of an upload, or of the right to restore.
-- KEYS[1] claim  KEYS[2] optional: an epoch that has all claims and must not have ended  KEYS[3…] claims that must not exist
-- expected: text that the claim contains (absent: the key must not exist)
-- orAbsent: also replaces a claim that does not exist
-- value: the new claim (absent: delete)  ttlMs
-- Returns 1 if replaced, 0 if the claim is another's or another claim exists, -1 if the epoch lacks claims.
local claim = redis.call('GET', KEYS[1])
local isCallers = claim and fields.expected and string.find(claim, fields.expected, 1, true)
local mayBeAbsent = fields.orAbsent or not fields.expected
if not isCallers and (claim or not mayBeAbsent) then
  return 0
end
for i = 3, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    return 0
  end
end
if KEYS[2] then
  local epoch = redis.call('HMGET', KEYS[2], 'claims', 'runId')
  if not epoch[1] or epoch[2] ~= ownRunId() then
    return -1
  end
end
if fields.value then
  redis.call('SET', KEYS[1], fields.value, 'PX', fields.ttlMs)
else
  redis.call('DEL', KEYS[1])
end
return 1
