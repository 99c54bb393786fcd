-- Begins an epoch, unless another process has begun one for the present state of Redis, or Redis belongs to another staging.
-- KEYS[1] epoch
-- number: above those of all earlier epochs
-- staging, place: the id of staging, '' without one, and where it is
-- isNew: 1 if it has no earlier epoch, else 0; for a minute, a staging with one may take its place
local runId, staging, newUntil = unpack(redis.call('HMGET', KEYS[1], 'runId', 'staging', 'newUntil'))
local isOurs = not staging or staging == '' or fields.staging == '' or staging == fields.staging
local mayReplace = newUntil and tonumber(newUntil) > serverTimeMs() and fields.isNew == '0'
if (isOurs and runId ~= ownRunId()) or (not isOurs and mayReplace) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'number', fields.number, 'runId', ownRunId(), 'staging', fields.staging, 'place', fields.place,
    'beganAt', serverTimeMs())
  if fields.isNew == '1' then
    redis.call('HSET', KEYS[1], 'newUntil', serverTimeMs() + 60000)
  end
end
return 1
