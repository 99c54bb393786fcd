-- Moves a job in progress back in its queue. Its priority is read here, since all priorities may have been lowered meanwhile.
-- KEYS[1] the job
-- ARGV[1] by how many numbers  ARGV[2] largest priority
local priority = tonumber(redis.call('HGET', KEYS[1], 'priority') or 0)
if priority > 0 then
  redis.call('HSET', KEYS[1], 'priority', string.format('%.0f', math.min(priority + ARGV[1], ARGV[2])))
end
