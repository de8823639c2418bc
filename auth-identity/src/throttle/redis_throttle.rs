//! Counts attempts in Redis, which instances share: [`RedisThrottle`].

use std::{fmt, time::Duration};

use fred::{clients::Client, interfaces::LuaInterface as _};

use super::{
    Counter, Limit, Standing, ThrottleKey, ThrottleStore,
    limit::{FORGOTTEN, Kind},
};
use crate::{BoxError, answer_future::Answer, clock::UnixTime};

/// The timeout of a command.
const DEADLINE: Duration = Duration::from_secs(2);

/// Takes, looks at, or records a success of all counters in one step.
///
/// `KEYS`: the counters, or the owner of each that has one. `ARGV`: `take`, `look` or `succeed`; now, in milliseconds; then
/// for each counter its kind, three numbers, and its field in the owner's hash, or nothing. A rate has the time in which one
/// use is refilled, the time in which all others are, and the period; a series has the number of free failures, the first
/// and the longest pause. The last two arguments are the number of series that an owner has at most, and how long one is
/// kept after its pause. All times are in milliseconds. Returns the wait, whether any counter is not at zero, and how many
/// attempts are left.
///
/// A value that was not written here counts as none; one of another type is an error.
const CHANGE: &str = r"
local mode, now, most, kept = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[#ARGV - 1]), tonumber(ARGV[#ARGV])
local wait, used, left, new = 0, 0, 4294967295, {}
local function read(state)
  local failures, till = string.match(state, '^(%d+) (%d+)$')
  failures, till = tonumber(failures) or 0, tonumber(till) or 0
  if now >= till + kept then failures, till = 0, 0 end
  return failures, till
end
local function has_room(key, field)
  if redis.call('HEXISTS', key, field) == 1 or redis.call('HLEN', key) < most then return true end
  local all, least, fewest, first = redis.call('HGETALL', key), nil, nil, nil
  for j = 1, #all, 2 do
    local failures, till = read(all[j + 1])
    if till <= now and (not least or failures < fewest or (failures == fewest and till < first)) then
      least, fewest, first = all[j], failures, till
    end
  end
  if not least then return false end
  redis.call('HDEL', key, least)
  return true
end
for i, key in ipairs(KEYS) do
  local at = 3 + (i - 1) * 5
  local kind, a, b, c = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  local field = ARGV[at + 4]
  local state
  if field ~= '' then state = redis.call('HGET', key, field) or '' else state = redis.call('GET', key) or '' end
  if kind == 'rate' then
    local full = math.min(tonumber(state) or now, now + c)
    if full > now then used = 1 end
    if mode == 'succeed' then
      new[i] = {full - a, full - a - now}
    else
      full = math.max(full, now)
      local early = full - b - now
      if early > 0 then
        wait, left = math.max(wait, early), 0
      else
        left = math.min(left, math.floor(-early / a + 0.000001) + 1)
      end
      new[i] = {full + a, full + a - now}
    end
  elseif mode == 'succeed' then
    new[i] = {'', 0}
  else
    local failures, till = read(state)
    if failures > 0 then used = 1 end
    if till > now then
      wait, left = math.max(wait, math.min(till - now, c)), 0
    else
      left = math.min(left, math.max(a - failures, 1))
    end
    failures = math.min(failures + 1, 1000000)
    local pause = 0
    if failures >= a then pause = math.min(b * 2 ^ math.min(failures - a, 40), c) end
    new[i] = {string.format('%d %.0f', failures, now + pause), pause + kept}
  end
end
if mode == 'succeed' or (mode == 'take' and wait == 0) then
  for i, key in ipairs(KEYS) do
    local value, stays = new[i][1], math.ceil(new[i][2])
    if type(value) == 'number' then value = string.format('%.3f', value) end
    local field = ARGV[3 + (i - 1) * 5 + 4]
    if field == '' then
      if stays > 0 then redis.call('SET', key, value, 'PX', stays) else redis.call('DEL', key) end
    elseif stays <= 0 then
      redis.call('HDEL', key, field)
    elseif has_room(key, field) then
      redis.call('HSET', key, field, value)
      redis.call('PEXPIRE', key, math.max(stays, redis.call('PTTL', key)))
    end
  end
end
return {math.ceil(wait), used, left}
";

/// Counts attempts on a Redis server, for any number of instances.
///
/// Each attempt is one command with a timeout of 2 seconds, and needs version 5 of the server or later. The times are
/// those of the instances' clocks, which have to be synchronized to the second. The server drops a counter when it
/// has no effect any more, after a day without another failure at the latest. A client has at most two keys, with
/// [16 accounts](Counter::MAX_OF_ONE_OWNER) in one of them.
///
/// # Example
///
/// ```no_run
/// use auth_runtime::{BoxError, redis_config, throttle::{RedisThrottle, Throttle}};
/// use fred::prelude::*;
///
/// # async fn example() -> Result<(), BoxError> {
/// let client = Client::new(redis_config("redis://127.0.0.1:6379")?, None, None, None);
/// client.init().await?;
/// let throttle = Throttle::new(RedisThrottle::new(client));
/// # let _ = throttle;
/// # Ok(()) }
/// ```
///
/// # Security
///
/// Parse the address with `redis_config`: without its TLS features, `fred` connects to a `rediss://` address in clear
/// text (downgrade).
///
/// A counter that the server loses starts at zero. Keys are hashes of names and addresses. An attacker who can
/// read the server can find out by trying whether a name or an address was counted.
#[derive(Clone)]
#[must_use]
pub struct RedisThrottle {
    client: Client,
    prefix: String,
}

impl RedisThrottle {
    /// Creates a store with a connected client.
    pub fn new(client: Client) -> Self {
        Self { client, prefix: "auth:throttle".to_owned() }
    }

    /// Sets the prefix of all keys. The default is `auth:throttle`. Applications with the same prefix count together.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    async fn run(&self, mode: &str, counters: &[Counter], now: UnixTime) -> Result<Standing, BoxError> {
        // The braces put the keys on one node of a cluster.
        let key =
            |counter: &Counter| format!("{{{}}}:{}", self.prefix, owner_of(counter).unwrap_or(counter.key()));
        let keys: Vec<String> = counters.iter().map(key).collect();
        let mut arguments = vec![mode.to_owned(), now.as_secs().saturating_mul(1000).to_string()];
        for counter in counters {
            arguments.extend(words(counter.limit()));
            arguments.push(owner_of(counter).map_or_else(String::new, |_| counter.key().to_string()));
        }
        arguments.push(Counter::MAX_OF_ONE_OWNER.to_string());
        arguments.push(FORGOTTEN.as_millis().to_string());
        let run = self.client.eval::<(u64, u8, u32), _, _, _>(CHANGE, keys, arguments);
        let (wait, used, left) = tokio::time::timeout(DEADLINE, run).await??;
        Ok(Standing::new(Duration::from_millis(wait), used > 0, left))
    }
}

/// Returns the owner of a series; rates have keys of their own.
const fn owner_of(counter: &Counter) -> Option<ThrottleKey> {
    match counter.limit() {
        Limit(Kind::Delays { .. }) => counter.owner(),
        Limit(Kind::Rate { .. }) => None,
    }
}

/// Returns the kind and the numbers of a limit.
fn words(limit: Limit) -> [String; 4] {
    let millis = |duration: Duration| duration.as_secs_f64() * 1000.0;
    match limit {
        Limit(Kind::Rate { uses, period }) => {
            let interval = millis(period) / f64::from(uses);
            let others = interval * f64::from(uses.saturating_sub(1));
            ["rate".to_owned(), interval.to_string(), others.to_string(), millis(period).to_string()]
        }
        Limit(Kind::Delays { free, first, longest }) => {
            ["delays".to_owned(), free.to_string(), millis(first).to_string(), millis(longest).to_string()]
        }
    }
}

impl ThrottleStore for RedisThrottle {
    fn take<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>> {
        Answer::later(self.run("take", counters, now))
    }

    fn look<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<Standing, BoxError>> {
        Answer::later(self.run("look", counters, now))
    }

    fn succeed<'a>(&'a self, counters: &'a [Counter], now: UnixTime) -> Answer<'a, Result<(), BoxError>> {
        Answer::later(async move { self.run("succeed", counters, now).await.map(drop) })
    }
}

impl fmt::Debug for RedisThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisThrottle").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
