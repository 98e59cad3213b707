-- One row per admitted or refused call, sign-in, consent, token, step-up and revocation. Rows are only ever added.
CREATE TABLE mcp_audit_log (
  id TEXT PRIMARY KEY NOT NULL,            -- ULID: sorts by time
  timestamp TEXT NOT NULL,                 -- UTC, ISO 8601 with milliseconds: when the call was admitted or refused
  tenant_id TEXT NOT NULL,
  user_id TEXT NOT NULL,                   -- gh_ and the GitHub user id: stable when the login changes
  user_login TEXT NOT NULL,                -- the login at that time
  client_id TEXT NOT NULL,                 -- OAuth client_id
  client_name TEXT NOT NULL,               -- what the client calls itself, unverified
  server_id TEXT NOT NULL,                 -- host of this gate
  session_id TEXT,                         -- of the MCP session; NULL in the stateless era
  call_id TEXT NOT NULL,                   -- links the rounds of one logical call
  request_id TEXT NOT NULL,                -- X-Request-Id of the answer
  grant_id TEXT,                           -- the consent it was done under
  method TEXT NOT NULL,                    -- tools/call, resources/read, prompts/get, auth/sign_in, auth/consent, ...
  tool_name TEXT,
  arguments TEXT,                          -- JSON, redacted and capped
  result_status TEXT NOT NULL CHECK (
    result_status IN ('success', 'error', 'denied', 'cancelled', 'input_required', 'unknown')
  ),
  duration_ms INTEGER,                     -- NULL where it is not known
  error_code TEXT,
  error_message TEXT,
  repeat_count INTEGER NOT NULL DEFAULT 1,
  chain_id TEXT NOT NULL,
  seq INTEGER NOT NULL,                    -- 1, 2, 3, ... without a gap within a chain
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL                       -- SHA-256 over the row and prev_hash
) STRICT;

CREATE INDEX mcp_audit_log_user ON mcp_audit_log (user_id, timestamp DESC);
CREATE INDEX mcp_audit_log_tenant ON mcp_audit_log (tenant_id, timestamp DESC);
CREATE INDEX mcp_audit_log_status ON mcp_audit_log (tenant_id, result_status, timestamp DESC);
CREATE UNIQUE INDEX mcp_audit_log_chain ON mcp_audit_log (chain_id, seq);

CREATE TRIGGER mcp_audit_log_no_update BEFORE UPDATE ON mcp_audit_log
BEGIN
  SELECT RAISE(ABORT, 'mcp_audit_log is append-only: rows cannot be changed');
END;

CREATE TRIGGER mcp_audit_log_no_delete BEFORE DELETE ON mcp_audit_log
BEGIN
  SELECT RAISE(ABORT, 'mcp_audit_log is append-only: rows cannot be removed');
END;

-- INSERT OR REPLACE removes rows without asking the trigger above: a known id or place in a chain is refused here.
CREATE TRIGGER mcp_audit_log_no_replace BEFORE INSERT ON mcp_audit_log
WHEN EXISTS (SELECT 1 FROM mcp_audit_log WHERE id = NEW.id OR (chain_id = NEW.chain_id AND seq = NEW.seq))
BEGIN
  SELECT CASE
    WHEN EXISTS (SELECT 1 FROM mcp_audit_log WHERE id = NEW.id AND hash = NEW.hash) THEN RAISE(IGNORE)
    ELSE RAISE(ABORT, 'mcp_audit_log is append-only: that id or place in the chain is taken')
  END;
END;
