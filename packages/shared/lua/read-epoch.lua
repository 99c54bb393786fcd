-- Reads the epoch, and the run id of Redis, which changes at a restart or failover (in a cluster, that of the node with the keys).
-- KEYS[1] epoch
-- Returns the run id of Redis; of the epoch its number, the run id of its Redis, 1 once it is restored, the id of its staging,
-- where that is, and 1 while another staging may take its place ('' for what is absent); its age, and the time of Redis, in ms.
local names = { 'number', 'runId', 'restored', 'staging', 'place', 'newUntil', 'beganAt' }
local epoch = redis.call('HMGET', KEYS[1], unpack(names))
local now = serverTimeMs()
local isNew = epoch[6] and tonumber(epoch[6]) > now and '1'
return {
  ownRunId(), epoch[1] or '', epoch[2] or '', epoch[3] or '', epoch[4] or '', epoch[5] or '', isNew or '', now - (epoch[7] or now),
  now,
}
