-- Begins an epoch, unless another process has begun one for the present state of Redis.
-- KEYS[1] epoch
-- number: above those of all earlier epochs
local runId = ownRunId()
if redis.call('HGET', KEYS[1], 'runId') ~= runId then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'number', fields.number, 'runId', runId)
end
return 1
