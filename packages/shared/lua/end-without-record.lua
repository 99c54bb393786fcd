-- Cancels or deletes the items of a batch that have no record, from the place where the last call ended, without making
-- them one: from then on the batch's state says what they are.
-- KEYS[1] batch  KEYS[2] expiry index  KEYS[3..] records that these items would have
-- ARGV[1] batch id  ARGV[2] the batch's firstVersion, as it was read  ARGV[3] field: canceledBefore or deletedBefore
-- ARGV[4] its value, as it was read  ARGV[5] its new value  ARGV[6] the items' new status  ARGV[7] now in ms
-- ARGV[8] expiresAt in ms  ARGV[9] channel  ARGV[10] canceledBefore  ARGV[11] deletedBefore, as they were read  then pairs: a status that the items are counted as now, how many
-- Returns 1 when done, 0 when the batch changed or one of the items has a record: they must be read again.
local function field(name)
  return tonumber(redis.call('HGET', KEYS[1], name) or 0)
end
if redis.call('HGET', KEYS[1], 'firstVersion') ~= ARGV[2] or redis.call('HEXISTS', KEYS[1], 'forgottenAt') == 1 then
  return 0
end
-- The statuses in the pairs follow from both.
if field('canceledBefore') ~= tonumber(ARGV[10]) or field('deletedBefore') ~= tonumber(ARGV[11]) then
  return 0
end
if field(ARGV[3]) ~= tonumber(ARGV[4]) or (#KEYS > 2 and redis.call('EXISTS', unpack(KEYS, 3)) > 0) then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[5])
local changed = 0
for i = 12, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], -tonumber(ARGV[i + 1]))
  changed = changed + tonumber(ARGV[i + 1])
end
if changed == 0 then
  return 1
end
redis.call('HINCRBY', KEYS[1], ARGV[6], changed)
redis.call('HSET', KEYS[1], 'updatedAt', ARGV[7])
if field('queued') + field('processing') == 0 then
  redis.call('HSETNX', KEYS[1], 'finishedAt', ARGV[7])
  redis.call('HSET', KEYS[1], 'expiresAt', ARGV[8])
  redis.call('ZADD', KEYS[2], ARGV[8], ARGV[1])
end
local version = redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('PUBLISH', ARGV[9], ARGV[1] .. ' ' .. version .. ' ' .. (redis.call('HGET', KEYS[1], 'owner') or '-') .. ' - -')
return 1
