-- For wrk: uploads one JPEG again and again, made unique by a comment after the file's first marker. Arguments after --: the
-- file, and a word that no earlier run has used.

local head, tail, word
local count = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local bytes = file:read("*a")
  file:close()
  word = arguments[2]
  head = '--speed\r\nContent-Disposition: form-data; name="file"; filename="speed.jpg"\r\n\r\n' .. bytes:sub(1, 2)
  tail = bytes:sub(3) .. "\r\n--speed--\r\n"
end

function request()
  count = count + 1
  local text = string.format("%s %08d", word, count)
  local length = #text + 2
  local comment = string.char(0xff, 0xfe, math.floor(length / 256), length % 256) .. text
  return wrk.format("POST", nil, {["Content-Type"] = "multipart/form-data; boundary=speed"},
    head .. comment .. tail)
end

-- An upload of known bytes is answered with 200, and does not count.
function response(status)
  if status ~= 201 then
    io.stderr:write("an upload was answered with ", status, "\n")
    os.exit(1)
  end
end
