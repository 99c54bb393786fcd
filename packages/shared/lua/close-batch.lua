-- Ends the work on a batch, unless something came up for it meanwhile.
-- KEYS[1] batch  KEYS[2] window  KEYS[3] pending items  KEYS[4] shared sources taken  KEYS[5] the batches that are open
-- ARGV[1] batch id
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
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
redis.call('ZREM', KEYS[5], ARGV[1])
return 1
