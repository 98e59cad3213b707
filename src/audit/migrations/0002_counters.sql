-- Counts of calls, kept by triggers as rows arrive: charts and metrics need not read the log, and both agree with it to
-- the last call, also after rows went to the archive. `mcp_call_counts` is by hour, for charts; `mcp_call_totals` only
-- ever grows, for `/metrics`.

-- Tools that are counted by name: those of the catalogue, which a Writer enters, and whatever succeeded once. A client may
-- call names that it made up; its row keeps them, the counts take them as one, so that nobody can make the tables grow.
CREATE TABLE mcp_tools (
  name TEXT PRIMARY KEY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mcp_call_counts (
  tenant_id TEXT NOT NULL,
  hour TEXT NOT NULL,                      -- of the row's timestamp, UTC: 2026-11-24T16
  method TEXT NOT NULL,
  tool_name TEXT NOT NULL,                 -- '' where the row has none, '(unknown)' where there is no such tool
  result_status TEXT NOT NULL,
  calls INTEGER NOT NULL,                  -- sum of repeat_count
  timed INTEGER NOT NULL,                  -- rows with a duration: the histogram's count
  duration_ms_sum INTEGER NOT NULL,
  -- Rows with a duration of at most that many milliseconds; `timed` is the last one, without a bound.
  le_10 INTEGER NOT NULL,
  le_25 INTEGER NOT NULL,
  le_50 INTEGER NOT NULL,
  le_100 INTEGER NOT NULL,
  le_250 INTEGER NOT NULL,
  le_500 INTEGER NOT NULL,
  le_1000 INTEGER NOT NULL,
  le_2500 INTEGER NOT NULL,
  le_5000 INTEGER NOT NULL,
  le_10000 INTEGER NOT NULL,
  le_30000 INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, hour, method, tool_name, result_status)
) STRICT, WITHOUT ROWID;

CREATE TABLE mcp_call_totals (
  tenant_id TEXT NOT NULL,
  method TEXT NOT NULL,
  tool_name TEXT NOT NULL,                 -- '' where the row has none, '(unknown)' where there is no such tool
  result_status TEXT NOT NULL,
  calls INTEGER NOT NULL,                  -- sum of repeat_count
  timed INTEGER NOT NULL,                  -- rows with a duration: the histogram's count
  duration_ms_sum INTEGER NOT NULL,
  -- Rows with a duration of at most that many milliseconds; `timed` is the last one, without a bound.
  le_10 INTEGER NOT NULL,
  le_25 INTEGER NOT NULL,
  le_50 INTEGER NOT NULL,
  le_100 INTEGER NOT NULL,
  le_250 INTEGER NOT NULL,
  le_500 INTEGER NOT NULL,
  le_1000 INTEGER NOT NULL,
  le_2500 INTEGER NOT NULL,
  le_5000 INTEGER NOT NULL,
  le_10000 INTEGER NOT NULL,
  le_30000 INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, method, tool_name, result_status)
) STRICT, WITHOUT ROWID;

-- Refusals and failures by their stable code.
CREATE TABLE mcp_error_totals (
  tenant_id TEXT NOT NULL,
  method TEXT NOT NULL,
  error_code TEXT NOT NULL,
  calls INTEGER NOT NULL,                  -- sum of repeat_count
  PRIMARY KEY (tenant_id, method, error_code)
) STRICT, WITHOUT ROWID;

-- Who knocks: failures of sign-in, token and proof, which have no principal and so no row in the log. Written by a Writer
-- in batches, at most 50 addresses a minute (the rest is '(other)'), and kept for 30 days.
CREATE TABLE mcp_auth_failures (
  tenant_id TEXT NOT NULL,
  minute TEXT NOT NULL,                    -- UTC: 2026-11-24T16:05
  address TEXT NOT NULL,                   -- the network it came from: 203.0.113.0/24, 2001:db8:7::/48
  reason TEXT NOT NULL,                    -- invalid_token, invalid_client, ... as in mcp_auth_failures_total
  failures INTEGER NOT NULL,
  PRIMARY KEY (minute, tenant_id, address, reason)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER mcp_audit_log_count AFTER INSERT ON mcp_audit_log
BEGIN
  -- Without OR IGNORE: in a trigger, the conflict clause of the statement that fired it counts.
  INSERT INTO mcp_tools SELECT NEW.tool_name
  WHERE NEW.tool_name IS NOT NULL AND NEW.result_status IN ('success', 'input_required')
    AND NOT EXISTS (SELECT 1 FROM mcp_tools WHERE name = NEW.tool_name);

  INSERT INTO mcp_call_counts VALUES (
    NEW.tenant_id, substr(NEW.timestamp, 1, 13), NEW.method,
    CASE
      WHEN NEW.tool_name IS NULL THEN ''
      WHEN EXISTS (SELECT 1 FROM mcp_tools WHERE name = NEW.tool_name) THEN NEW.tool_name
      ELSE '(unknown)'
    END,
    NEW.result_status, NEW.repeat_count, NEW.duration_ms IS NOT NULL, ifnull(NEW.duration_ms, 0),
    ifnull(NEW.duration_ms <= 10, 0), ifnull(NEW.duration_ms <= 25, 0), ifnull(NEW.duration_ms <= 50, 0),
    ifnull(NEW.duration_ms <= 100, 0), ifnull(NEW.duration_ms <= 250, 0), ifnull(NEW.duration_ms <= 500, 0),
    ifnull(NEW.duration_ms <= 1000, 0), ifnull(NEW.duration_ms <= 2500, 0), ifnull(NEW.duration_ms <= 5000, 0),
    ifnull(NEW.duration_ms <= 10000, 0), ifnull(NEW.duration_ms <= 30000, 0)
  )
  ON CONFLICT (tenant_id, hour, method, tool_name, result_status) DO UPDATE SET
    calls = calls + excluded.calls,
    timed = timed + excluded.timed,
    duration_ms_sum = duration_ms_sum + excluded.duration_ms_sum,
    le_10 = le_10 + excluded.le_10,
    le_25 = le_25 + excluded.le_25,
    le_50 = le_50 + excluded.le_50,
    le_100 = le_100 + excluded.le_100,
    le_250 = le_250 + excluded.le_250,
    le_500 = le_500 + excluded.le_500,
    le_1000 = le_1000 + excluded.le_1000,
    le_2500 = le_2500 + excluded.le_2500,
    le_5000 = le_5000 + excluded.le_5000,
    le_10000 = le_10000 + excluded.le_10000,
    le_30000 = le_30000 + excluded.le_30000;

  INSERT INTO mcp_call_totals VALUES (
    NEW.tenant_id, NEW.method,
    CASE
      WHEN NEW.tool_name IS NULL THEN ''
      WHEN EXISTS (SELECT 1 FROM mcp_tools WHERE name = NEW.tool_name) THEN NEW.tool_name
      ELSE '(unknown)'
    END,
    NEW.result_status, NEW.repeat_count, NEW.duration_ms IS NOT NULL, ifnull(NEW.duration_ms, 0),
    ifnull(NEW.duration_ms <= 10, 0), ifnull(NEW.duration_ms <= 25, 0), ifnull(NEW.duration_ms <= 50, 0),
    ifnull(NEW.duration_ms <= 100, 0), ifnull(NEW.duration_ms <= 250, 0), ifnull(NEW.duration_ms <= 500, 0),
    ifnull(NEW.duration_ms <= 1000, 0), ifnull(NEW.duration_ms <= 2500, 0), ifnull(NEW.duration_ms <= 5000, 0),
    ifnull(NEW.duration_ms <= 10000, 0), ifnull(NEW.duration_ms <= 30000, 0)
  )
  ON CONFLICT (tenant_id, method, tool_name, result_status) DO UPDATE SET
    calls = calls + excluded.calls,
    timed = timed + excluded.timed,
    duration_ms_sum = duration_ms_sum + excluded.duration_ms_sum,
    le_10 = le_10 + excluded.le_10,
    le_25 = le_25 + excluded.le_25,
    le_50 = le_50 + excluded.le_50,
    le_100 = le_100 + excluded.le_100,
    le_250 = le_250 + excluded.le_250,
    le_500 = le_500 + excluded.le_500,
    le_1000 = le_1000 + excluded.le_1000,
    le_2500 = le_2500 + excluded.le_2500,
    le_5000 = le_5000 + excluded.le_5000,
    le_10000 = le_10000 + excluded.le_10000,
    le_30000 = le_30000 + excluded.le_30000;

  INSERT INTO mcp_error_totals SELECT NEW.tenant_id, NEW.method, NEW.error_code, NEW.repeat_count
  WHERE NEW.error_code IS NOT NULL
  ON CONFLICT (tenant_id, method, error_code) DO UPDATE SET calls = calls + excluded.calls;
END;

-- What the log held before there were counts.
INSERT INTO mcp_tools SELECT DISTINCT tool_name FROM mcp_audit_log
WHERE tool_name IS NOT NULL AND result_status IN ('success', 'input_required');

INSERT INTO mcp_call_counts
SELECT tenant_id, substr(timestamp, 1, 13), method, iif(tool_name IN (SELECT name FROM mcp_tools), tool_name, iif(tool_name IS NULL, '', '(unknown)')),
  result_status, sum(repeat_count), count(duration_ms), ifnull(sum(duration_ms), 0),
  total(duration_ms <= 10), total(duration_ms <= 25), total(duration_ms <= 50), total(duration_ms <= 100),
  total(duration_ms <= 250), total(duration_ms <= 500), total(duration_ms <= 1000), total(duration_ms <= 2500),
  total(duration_ms <= 5000), total(duration_ms <= 10000), total(duration_ms <= 30000)
FROM mcp_audit_log GROUP BY 1, 2, 3, 4, 5;

INSERT INTO mcp_call_totals
SELECT tenant_id, method, iif(tool_name IN (SELECT name FROM mcp_tools), tool_name, iif(tool_name IS NULL, '', '(unknown)')),
  result_status, sum(repeat_count), count(duration_ms), ifnull(sum(duration_ms), 0),
  total(duration_ms <= 10), total(duration_ms <= 25), total(duration_ms <= 50), total(duration_ms <= 100),
  total(duration_ms <= 250), total(duration_ms <= 500), total(duration_ms <= 1000), total(duration_ms <= 2500),
  total(duration_ms <= 5000), total(duration_ms <= 10000), total(duration_ms <= 30000)
FROM mcp_audit_log GROUP BY 1, 2, 3, 4;

INSERT INTO mcp_error_totals SELECT tenant_id, method, error_code, sum(repeat_count)
FROM mcp_audit_log WHERE error_code IS NOT NULL GROUP BY 1, 2, 3;
