-- Adds a job to a queue with the next number by start-time fair queuing (Goyal, Vin and Cheng, 1996): owners take turns, and so do
-- the flows (batches) of one owner. Numbers are absolute and only grow; a job's priority is its number above `base`, so that
-- priorities stay within BullMQ's limit.
-- KEYS[1] job  KEYS[2] prioritized jobs  KEYS[3] delayed jobs  KEYS[4] active jobs
-- KEYS[5] the queue's counters: base, serving (the number being served), highest (the last number given)
-- KEYS[6] the owner's flows with their last numbers, and `newest`, the first number of the newest flow
-- KEYS[7] BullMQ's counter in the scores of prioritized jobs  KEYS[8] its settings of the queue
-- KEYS[9] its marker, which wakes a worker that waits for jobs
-- flow, maxPriority
-- keyPrefix: of the keys of the queue's jobs  idleTtlMs: after which an owner's flows are deleted
-- id, name, data, opts, timestamp: of a new job, as BullMQ stores them
-- isReturn: the job is active again after a delay instead, and gets a new number if others have passed its own
-- Returns 1, or 0 if the job is in the queue already or keeps its number.
local maxPriority = tonumber(fields.maxPriority)
-- BullMQ's score is the priority times 2^32, plus a counter.
local SCORE_PER_PRIORITY = 0x100000000
local function text(number)
  return string.format('%.0f', number)
end

-- Lowers the priorities of all jobs alike, once in a million jobs without an idle moment. About 5 µs per job.
local function lowerPriorities(shift)
  local function lower(id)
    local key = fields.keyPrefix .. id
    local priority = tonumber(redis.call('HGET', key, 'priority') or 0)
    if priority > 0 then
      redis.call('HSET', key, 'priority', text(math.max(1, priority - shift)))
    end
  end
  local waiting = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
  for i = 1, #waiting, 2 do
    local score = tonumber(waiting[i + 1])
    local least = SCORE_PER_PRIORITY + score % SCORE_PER_PRIORITY
    redis.call('ZADD', KEYS[2], text(math.max(score - shift * SCORE_PER_PRIORITY, least)), waiting[i])
    lower(waiting[i])
  end
  for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
    lower(id)
  end
  for _, id in ipairs(redis.call('LRANGE', KEYS[4], 0, -1)) do
    lower(id)
  end
end

-- Gives the flow its next number, and deletes the owner's flows whose last number has been served.
local function numberInFlow(serving)
  local flows = redis.call('HGETALL', KEYS[6])
  local busy, last, newest = 0, nil, 0
  for i = 1, #flows, 2 do
    local flow, number = flows[i], tonumber(flows[i + 1])
    if flow == 'newest' then
      newest = number
    elseif number < serving then
      if flow ~= fields.flow then
        redis.call('HDEL', KEYS[6], flow)
      end
    else
      busy = busy + 1
      if flow == fields.flow then
        last = number
      end
    end
  end
  local number
  if last then
    -- Each of `busy` flows takes every `busy`-th number: together they have the share of one owner.
    number = last + busy
  else
    -- New flows of one owner begin one after the other, or many small batches would all be first.
    number = math.max(serving, newest + 1)
    newest = number
  end
  redis.call('HSET', KEYS[6], fields.flow, text(number), 'newest', text(newest))
  redis.call('PEXPIRE', KEYS[6], fields.idleTtlMs)
  return number
end

local isReturn = fields.isReturn == true
if (redis.call('EXISTS', KEYS[1]) == 1) ~= isReturn then
  return 0
end
-- A job gets one new number, or it might never be served.
if isReturn and redis.call('HDEL', KEYS[1], 'renumbered') == 1 then
  return 0
end

local counters = redis.call('HMGET', KEYS[5], 'base', 'serving', 'highest')
local base, serving, highest = tonumber(counters[1] or 0), tonumber(counters[2] or 0), tonumber(counters[3] or 0)
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if isReturn and not first[2] then
  return 0
end
if first[2] then
  -- The first job may have returned from a delay, with a number that was served long ago.
  serving = math.max(serving, base + math.floor(tonumber(first[2]) / SCORE_PER_PRIORITY))
else
  serving = highest + 1
  if redis.call('ZCARD', KEYS[3]) == 0 and redis.call('LLEN', KEYS[4]) == 0 then
    base = highest
  end
end

if isReturn and base + tonumber(redis.call('HGET', KEYS[1], 'priority') or 0) >= serving then
  return 0
end

if serving - base > maxPriority / 2 then
  local shift = serving - base - 1
  lowerPriorities(shift)
  base = base + shift
end

local number = numberInFlow(serving)
redis.call('HSET', KEYS[5], 'base', text(base), 'serving', text(serving), 'highest', text(math.max(highest, number)))
local priority = math.min(number - base, maxPriority)
if isReturn then
  redis.call('HSET', KEYS[1], 'priority', text(priority), 'renumbered', 1)
  return 1
end
-- As BullMQ's own script does, without the events that it writes for listeners.
redis.call('HSET', KEYS[1], 'name', fields.name, 'data', fields.data, 'opts', fields.opts, 'timestamp', fields.timestamp,
  'delay', 0, 'priority', text(priority))
local counter = redis.call('INCR', KEYS[7]) % SCORE_PER_PRIORITY
redis.call('ZADD', KEYS[2], text(priority * SCORE_PER_PRIORITY + counter), fields.id)
if redis.call('HEXISTS', KEYS[8], 'paused') == 0 then
  redis.call('ZADD', KEYS[9], 0, '0')
end
return 1
