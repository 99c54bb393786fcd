-- Reads the epoch, and the run id of Redis, which changes at a restart or failover (in a cluster, that of the node with the keys).
-- KEYS[1] epoch
-- Returns the run id of Redis; the number of the epoch, the run id of its Redis, and 1 once it is restored, '' if absent.
local number, runId, restored = unpack(redis.call('HMGET', KEYS[1], 'number', 'runId', 'restored'))
return { ownRunId(), number or '', runId or '', restored or '' }
