-- Retention: rows below a chain's watermark may be removed, and none may be added there. Who counts the rows of a chain
-- is its Writer, outside this database: a watermark that somebody raised by hand is found by `npm run audit -- verify`.
CREATE TABLE mcp_audit_archived (
  chain_id TEXT PRIMARY KEY NOT NULL,
  seq INTEGER NOT NULL,                    -- rows up to and including this one were archived or dropped
  hash TEXT NOT NULL                       -- of that row: what the first row that is left has as prev_hash
) STRICT;

CREATE TRIGGER mcp_audit_archived_grows BEFORE UPDATE ON mcp_audit_archived
WHEN NEW.chain_id <> OLD.chain_id OR NEW.seq < OLD.seq
BEGIN
  SELECT RAISE(ABORT, 'mcp_audit_archived: a watermark only rises');
END;

CREATE TRIGGER mcp_audit_archived_stays BEFORE DELETE ON mcp_audit_archived
BEGIN
  SELECT RAISE(ABORT, 'mcp_audit_archived: a watermark cannot be removed');
END;

DROP TRIGGER mcp_audit_log_no_delete;
CREATE TRIGGER mcp_audit_log_no_delete BEFORE DELETE ON mcp_audit_log
WHEN NOT EXISTS (SELECT 1 FROM mcp_audit_archived WHERE chain_id = OLD.chain_id AND seq >= OLD.seq)
BEGIN
  SELECT RAISE(ABORT, 'mcp_audit_log is append-only: rows cannot be removed');
END;

CREATE TRIGGER mcp_audit_log_no_return BEFORE INSERT ON mcp_audit_log
WHEN EXISTS (SELECT 1 FROM mcp_audit_archived WHERE chain_id = NEW.chain_id AND seq >= NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'mcp_audit_log is append-only: that place in the chain was archived');
END;

-- Secrets that were replaced in the answer; NULL where there were none.
ALTER TABLE mcp_audit_log ADD COLUMN redacted_count INTEGER;

-- Rows come in the order of time, so ascending indexes fill their pages, where descending ones leave them half empty;
-- they are read backwards just as well. Successes are nearly all rows: an index would not help to find them (0005 makes
-- the third one anew).
DROP INDEX mcp_audit_log_user;
DROP INDEX mcp_audit_log_tenant;
DROP INDEX mcp_audit_log_status;
CREATE INDEX mcp_audit_log_user ON mcp_audit_log (user_id, timestamp);
CREATE INDEX mcp_audit_log_tenant ON mcp_audit_log (tenant_id, timestamp);
CREATE INDEX mcp_audit_log_status ON mcp_audit_log (tenant_id, result_status, timestamp)
  WHERE result_status <> 'success';

-- Where `npm run audit -- restore` puts a month of the archive. No part of the log: delete from it as you like.
CREATE TABLE mcp_audit_restored (
  id TEXT PRIMARY KEY NOT NULL,
  timestamp TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_login TEXT NOT NULL,
  client_id TEXT NOT NULL,
  client_name TEXT NOT NULL,
  server_id TEXT NOT NULL,
  session_id TEXT,
  call_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  grant_id TEXT,
  method TEXT NOT NULL,
  tool_name TEXT,
  arguments TEXT,
  result_status TEXT NOT NULL,
  duration_ms INTEGER,
  error_code TEXT,
  error_message TEXT,
  repeat_count INTEGER NOT NULL,
  chain_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  redacted_count INTEGER
) STRICT;

CREATE INDEX mcp_audit_restored_user ON mcp_audit_restored (user_id, timestamp);
CREATE INDEX mcp_audit_restored_tenant ON mcp_audit_restored (tenant_id, timestamp);
