-- Reads which epoch Redis is in: its run id, which changes at a restart or failover (in a cluster, of the node with the
-- keys), and the run id for which the last restore ended.
-- KEYS[1] epoch  KEYS[2] optional: the note of a restore, which ends here unless Redis lost the note
-- runId: with KEYS[2], the run id when the restore began
-- Returns the run id and the epoch.
if KEYS[2] and redis.call('DEL', KEYS[2]) == 1 then
  redis.call('SET', KEYS[1], fields.runId)
end
return { string.match(redis.call('INFO', 'server'), 'run_id:(%w+)'), redis.call('GET', KEYS[1]) }
