-- Notes how much is restored in an epoch that has not ended.
-- KEYS[1] epoch
-- epoch: its number
-- phases: `claims` once all outcomes of the last day are restored, `restored` once everything is
-- Returns 1 if the last phase was not noted before.
if isLost(KEYS[1]) then
  return 0
end
local isNew = 0
for _, phase in ipairs(fields.phases) do
  isNew = redis.call('HSET', KEYS[1], phase, 1)
end
return isNew
