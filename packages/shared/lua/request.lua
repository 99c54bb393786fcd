-- Notes what is asked of a batch: to cancel it or to delete it, once; to try its failed items again, each time anew.
-- KEYS[1] batch  KEYS[2] the batches that are open
-- ARGV[1] batch id  ARGV[2] field  ARGV[3] now in ms  ARGV[4] channel
-- Returns 1 when it is noted, 0 when it was before, or could change nothing.
local function field(name)
  return tonumber(redis.call('HGET', KEYS[1], name) or 0)
end
local function isRetry(name)
  return string.sub(name, 1, 6) == 'retry '
end
local function isRunning()
  if field('queued') + field('processing') > 0 then
    return true
  end
  for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
    if isRetry(name) then
      return true
    end
  end
  return false
end
if redis.call('EXISTS', KEYS[1]) == 0
  or redis.call('HEXISTS', KEYS[1], 'forgottenAt') == 1
  or redis.call('HEXISTS', KEYS[1], 'buriedAt') == 1 then
  return 0
end
if ARGV[2] == 'cancelRequestedAt' and not isRunning() then
  return 0
end
if not isRetry(ARGV[2]) and redis.call('HEXISTS', KEYS[1], ARGV[2]) == 1 then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3], 'updatedAt', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('PUBLISH', ARGV[4], ARGV[1] .. ' ' .. version .. ' ' .. (redis.call('HGET', KEYS[1], 'owner') or '-') .. ' - -')
return 1
