-- Reads the run id of Redis, which changes at a restart or failover (in a cluster, that of the node with the keys), and the
-- epoch: the run id for which the last restore ended.
-- KEYS[1] epoch
return { string.match(redis.call('INFO', 'server'), 'run_id:(%w+)'), redis.call('GET', KEYS[1]) }
