-- Which Redis this is: another one after a restart or a fail-over. In a Cluster, of the node that has the key.
-- KEYS[1] any key of ours
return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
