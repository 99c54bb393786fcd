-- Ends the work on a batch, unless something came up for it meanwhile.
-- KEYS[1] batch  KEYS[2] window  KEYS[3] pending items  KEYS[4] shared sources taken  KEYS[5] the batches that are open
-- KEYS[6] expiry index
-- ARGV[1] batch id  ARGV[2] now in ms  ARGV[3] expiresAt in ms, where no item's end has told it
-- Returns 1 when there is nothing left to do.
local function field(name)
  return tonumber(redis.call('HGET', KEYS[1], name) or 0)
end
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(name, 1, 6) == 'retry ' then
    return 0
  end
end
local deleting = redis.call('HEXISTS', KEYS[1], 'deleteRequestedAt') == 1
if field('queued') + field('processing') > 0 or (deleting and field('deleted') < field('total')) then
  return 0
end
if redis.call('HEXISTS', KEYS[1], 'finishedAt') == 0 then
  redis.call('HSET', KEYS[1], 'finishedAt', ARGV[2], 'expiresAt', ARGV[3])
  redis.call('ZADD', KEYS[6], ARGV[3], ARGV[1])
end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
redis.call('ZREM', KEYS[5], ARGV[1])
return 1
