//! Changes and reads the denylist atomically, by Lua scripts that run on the Redis server.
//!
//! Two sorted sets hold the state: the epochs of users, with the empty name for all users, and the revoked
//! credentials with their expiry. Each change gets the next number and is published with it, so that an
//! instance notices a gap.
//! instance which missed one knows.

/// `KEYS`: epochs, credentials, sequence. `ARGV`: channel, kind (`user`, `credential`, `tell`), name or text,
/// time, the latest time that may be skipped, capacity of each set, oldest relevant epoch, now.
///
/// Returns the number, and the epoch or expiry; nothing if the set is full.
pub(super) const CHANGE: &str = r"
local kind, name = ARGV[2], ARGV[3]
local function text(number) return string.format('%.0f', number) end
local function tell(words)
  local number = redis.call('INCR', KEYS[3])
  redis.call('PUBLISH', ARGV[1], text(number) .. ' ' .. words)
  return number
end
if kind == 'tell' then return {tell(name), 0} end

local key = KEYS[1]
if kind == 'credential' then key = KEYS[2] end
local time = tonumber(ARGV[4])
local before = tonumber(redis.call('ZSCORE', key, name) or nil)
local capacity = tonumber(ARGV[6])
local function entries()
  local all = redis.call('ZCARD', key)
  if key == KEYS[1] and redis.call('ZSCORE', key, '') then all = all - 1 end
  return all
end
if not before and name ~= '' then
  if entries() >= capacity - math.floor(capacity / 4) then
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[7])
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[8])
  end
  if entries() >= capacity then return {} end
end

if kind == 'credential' then
  if before then time = math.max(time, before) end
else
  local other
  if name == '' then
    other = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2]
  else
    other = redis.call('ZSCORE', key, '')
  end
  before = math.max(before or -1, tonumber(other or nil) or -1)
  time = math.max(time, before, math.min(before + 1, tonumber(ARGV[5])))
end
redis.call('ZADD', key, text(time), name)
return {tell(kind .. ' ' .. text(time) .. ' ' .. name), time}
";

/// `KEYS`: epochs, credentials, sequence. Returns the number of the last change and all entries.
pub(super) const READ: &str = r"
return {
  redis.call('GET', KEYS[3]) or '0',
  redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'),
  redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
}
";

/// Restores entries that the server has lost. `KEYS`: epochs, credentials, sequence. `ARGV`: channel, the
/// last number that the instance knows, the number of epochs that follow, and pairs of times and names.
/// Returns the number of this change.
pub(super) const RESTORE: &str = r"
local epochs = tonumber(ARGV[3])
for at = 4, #ARGV, 2 do
  local key = KEYS[2]
  if (at - 4) / 2 < epochs then key = KEYS[1] end
  local before = tonumber(redis.call('ZSCORE', key, ARGV[at + 1]) or nil)
  if not before or before < tonumber(ARGV[at]) then redis.call('ZADD', key, ARGV[at], ARGV[at + 1]) end
end
local number = math.max(tonumber(redis.call('GET', KEYS[3]) or '0'), tonumber(ARGV[2])) + 1
redis.call('SET', KEYS[3], string.format('%.0f', number))
redis.call('PUBLISH', ARGV[1], string.format('%.0f', number) .. ' restored')
return number
";
