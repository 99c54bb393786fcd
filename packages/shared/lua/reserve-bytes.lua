-- Reserves bytes of staging for a process, and adds up what all processes of its kind have reserved and stored.
-- KEYS[1] stored bytes, since `began`  KEYS[2] processes with reservations, and the beginning of their keys
-- process, uploads: what others read about it
-- stored: bytes that it has stored since its last call  reserved: bytes that it has in any case  asked: bytes more
-- most: bytes that there may be in all  ttlMs
-- Returns when the sum began, the stored bytes, those that others have reserved, and those of this process: without the
-- asked ones if these are too many.
local own = KEYS[2] .. ':' .. fields.process
-- A Redis that was restarted or replaced may have lost some.
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
    -- It is dead: its lease has expired.
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
  -- Its next reservations need no call.
  bytes = bytes + math.max(0, math.floor(rest / 64))
  redis.call('HSET', own, 'bytes', string.format('%.0f', bytes), 'uploads', fields.uploads)
  redis.call('PEXPIRE', own, fields.ttlMs)
  redis.call('SADD', KEYS[2], fields.process)
end
return { redis.call('HGET', KEYS[1], 'began'), stored, others, bytes }
