-- For wrk: prints its summary also as a line of JSON. With a pause in milliseconds as an argument after --, each connection
-- waits about that long between requests.

local thread_pause

function init(arguments)
  thread_pause = tonumber(arguments[1])
  -- wrk looks for this function when it sets up the thread, and does without it if it does not exist.
  if not thread_pause then delay = nil end
end

function delay()
  -- Between half and one and a half times the pause, so that connections are not in step.
  return thread_pause and math.random(thread_pause * 0.5, thread_pause * 1.5) or 0
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "errors": %d, "p50_ms": %.4f, "p99_ms": %.4f, "max_ms": %.4f}\n',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
