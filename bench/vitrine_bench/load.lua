-- For wrk: requests of a table that workloads.py has written, one after the other and round again. Arguments
-- after --: its file, and a word of up to 8 letters that no run before has had, for the bytes of each upload.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local requests, mark
local count = 0

local function read(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

function init(arguments)
  requests = dofile(arguments[1])
  mark = arguments[2]
  for _, each in ipairs(requests) do
    if each.body then
      local bytes = read(each.body)
      each.head = bytes:sub(1, each.stamp)
      each.tail = bytes:sub(each.stamp + 17)
    else
      each.made = wrk.format(each.method, each.path, each.headers)
    end
  end
  -- Threads are not in step.
  count = math.floor(number * #requests / 2)
end

function request()
  count = count + 1
  local each = requests[(count - 1) % #requests + 1]
  if each.made then return each.made end
  local stamp = string.format("%-8.8s%x%07d", mark, number % 16, count)
  return wrk.format(each.method, each.path, each.headers, each.head .. stamp .. each.tail)
end
