-- Notes how much is restored in an epoch that has not ended.
-- KEYS[1] epoch
-- epoch: its number
-- phases: `claims` once all outcomes of the last day are restored, `restored` once everything is
-- Returns 1 if noted.
if isLost(KEYS[1]) then
  return 0
end
for _, phase in ipairs(fields.phases) do
  redis.call('HSET', KEYS[1], phase, 1)
end
return 1
