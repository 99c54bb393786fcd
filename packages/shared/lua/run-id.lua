-- The run id of the server that has the key: in a cluster each has its own.
-- KEYS[1] any key
return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
