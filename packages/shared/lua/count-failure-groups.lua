-- Counts the images of failure groups between two times, and drops groups without images.
-- KEYS[1] the owner's failure groups  KEYS[2] owners with failures  KEYS[3..] the images of each group
-- owner, groups  since: ms  max: the last score of a range
-- Returns for each group: how many, the times of the first and the last failure in ms, the image that failed last.
local results = {}
for i, group in ipairs(fields.groups) do
  local images = KEYS[2 + i]
  dropFailureGroup(KEYS[1], KEYS[2], group)
  local first = redis.call('ZRANGEBYSCORE', images, fields.since, fields.max, 'WITHSCORES', 'LIMIT', 0, 1)
  local last = redis.call('ZREVRANGEBYSCORE', images, fields.max, fields.since, 'WITHSCORES', 'LIMIT', 0, 1)
  results[i] = {
    redis.call('ZCOUNT', images, fields.since, fields.max), first[2] or '', last[2] or '', last[1] or '',
  }
end
return results
