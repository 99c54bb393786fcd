-- Reserves bytes of staging for a process, and adds up the bytes that all processes of its kind have reserved and stored.
-- KEYS[1] stored bytes, since `began`  KEYS[2] processes with reservations, and the beginning of their keys
-- process, uploads: its uploads in progress, for other processes
-- stored: bytes that it stored since its last call  reserved: bytes that it has reserved  asked: further bytes to reserve
-- most: limit on stored and reserved bytes of all processes  ttlMs
-- Returns the time at which the sum began, the stored bytes, the bytes reserved by others, and the bytes granted to this
-- process: without the asked bytes if they exceed the limit.
local own = KEYS[2] .. ':' .. fields.process
-- A restarted or replaced Redis may have lost part of the sum.
local runId = ownRunId()
if redis.call('HGET', KEYS[1], 'runId') ~= runId then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'runId', runId, 'began', string.format('%.0f', serverTimeMs()))
end
local stored = redis.call('HINCRBY', KEYS[1], 'stored', fields.stored)

local others = 0
for _, process in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  local bytes = redis.call('HGET', KEYS[2] .. ':' .. process, 'bytes')
  if not bytes then
    -- Its lease has expired, so the process is dead.
    redis.call('SREM', KEYS[2], process)
  elseif process ~= fields.process then
    others = others + bytes
  end
end

local bytes = tonumber(fields.reserved)
local rest = fields.most - stored - others - bytes - fields.asked
if rest >= 0 then
  bytes = bytes + fields.asked
end
if bytes == 0 and fields.uploads == '{}' then
  redis.call('DEL', own)
  redis.call('SREM', KEYS[2], fields.process)
else
  -- Grant a reserve, so that the next reservations need no call.
  bytes = bytes + math.max(0, math.floor(rest / 64))
  redis.call('HSET', own, 'bytes', string.format('%.0f', bytes), 'uploads', fields.uploads)
  redis.call('PEXPIRE', own, fields.ttlMs)
  redis.call('SADD', KEYS[2], fields.process)
end
return { redis.call('HGET', KEYS[1], 'began'), stored, others, bytes }
