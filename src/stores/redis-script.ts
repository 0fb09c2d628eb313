/**
 * The one Lua script behind `redisStore` and `upstashStore`.
 *
 * A record is one string of lines. Its head, all that stands before the value, begins with a random id, so it is
 * another one after every write: it is the version, and whoever holds it knows the tags.
 *
 *     5b1c0c3e-…
 *     t:<tag>
 *     v:<value>
 *
 * `KEYS[1]` is a record, `<prefix>s:<key>`, or a tag, `<prefix>t:<tag>`: a sorted set of `s:<key>`, scored by expiry.
 * `KEYS[2]` is the prefix where records and tags share a server; then the index moves in the same step. Only `read` takes
 * any number of keys.
 */
export const SCRIPT = `
local function get(key) return redis.call('MGET', key)[1] end

if ARGV[1] == 'read' then
  local records = {}
  for i, key in ipairs(KEYS) do records[i] = get(key) end
  return records
end

local prefix = KEYS[2]
local run = {}

local function head(record) return string.match(record, '^([%da-f-]+.-)\\nv:') or '' end
local function tags(head) return string.gmatch(head, '\\n(t:[^\\n]*)') end
local function tail(key) return string.sub(key, #prefix + 1) end

local function enlist(set, member, expiry)
  local now = redis.call('TIME')[1] * 1000
  redis.call('ZREMRANGEBYSCORE', set, '-inf', string.format('(%.0f', now - 60000))
  redis.call('ZADD', set, 'GT', expiry, member)
  local last = redis.call('ZREVRANGE', set, 0, 0, 'WITHSCORES')[2]
  redis.call('PEXPIREAT', set, string.format('%.0f', last + 60000))
end

local function unlist(head)
  for tag in tags(head) do redis.call('ZREM', prefix .. tag, tail(KEYS[1])) end
end

function run.put()
  local _, expected, new, value, expiry = unpack(ARGV)
  local record = get(KEYS[1])
  local found = record and '=' .. head(record) or 'absent'
  if found == '=' .. new then return 1 end
  if found ~= expected then return 0 end
  if prefix then
    -- Redis lets a script that has written go on when memory is full: so a write that would do nothing is tried first.
    if not record then redis.call('SETRANGE', prefix, 0, '') end
    unlist(found)
    for tag in tags(new) do enlist(prefix .. tag, tail(KEYS[1]), expiry) end
  end
  redis.call('SET', KEYS[1], new .. '\\nv:' .. value, 'PXAT', expiry)
  return 1
end

function run.delete()
  local record = get(KEYS[1])
  local found = record and head(record) or ''
  if ARGV[2] and (not record or ARGV[2] ~= found) then return 0 end
  if prefix then unlist(found) end
  return redis.call('DEL', KEYS[1])
end

function run.enlist()
  enlist(KEYS[1], ARGV[2], ARGV[3])
  return 1
end

local function isListed(member)
  if not prefix then return true end
  local record = get(prefix .. member)
  local line = '\\n' .. tail(KEYS[1]) .. '\\n'
  if record and string.find(head(record) .. '\\n', line, 1, true) then return true end
  redis.call('ZREM', KEYS[1], member)
  return false
end

function run.list()
  local members = {}
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if isListed(member) then members[#members + 1] = member end
  end
  return members
end

return run[ARGV[1]]()
`

/** Its SHA-1, by which EVALSHA knows it; a test computes it. */
export const SCRIPT_SHA = 'e9e72be6dc9f9432b411c9d82cdd7956dcee8399'
