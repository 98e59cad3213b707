-- Counts of calls by hour, kept by a trigger as rows arrive: charts and metrics need not read the log, and both agree with
-- it to the last call, also after rows went to the archive. Counts only ever grow.
CREATE TABLE mcp_call_counts (
  tenant_id TEXT NOT NULL,
  hour TEXT NOT NULL,                      -- of the row's timestamp, UTC: 2026-11-24T16
  method TEXT NOT NULL,
  tool_name TEXT NOT NULL,                 -- '' where the row has none
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

CREATE TRIGGER mcp_audit_log_count AFTER INSERT ON mcp_audit_log
BEGIN
  INSERT INTO mcp_call_counts VALUES (
    NEW.tenant_id, substr(NEW.timestamp, 1, 13), NEW.method, ifnull(NEW.tool_name, ''), NEW.result_status,
    NEW.repeat_count, NEW.duration_ms IS NOT NULL, ifnull(NEW.duration_ms, 0),
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
END;

-- What the log held before there were counts.
INSERT INTO mcp_call_counts
SELECT tenant_id, substr(timestamp, 1, 13), method, ifnull(tool_name, ''), result_status,
  sum(repeat_count), count(duration_ms), ifnull(sum(duration_ms), 0),
  total(duration_ms <= 10), total(duration_ms <= 25), total(duration_ms <= 50), total(duration_ms <= 100),
  total(duration_ms <= 250), total(duration_ms <= 500), total(duration_ms <= 1000), total(duration_ms <= 2500),
  total(duration_ms <= 5000), total(duration_ms <= 10000), total(duration_ms <= 30000)
FROM mcp_audit_log GROUP BY 1, 2, 3, 4, 5;
