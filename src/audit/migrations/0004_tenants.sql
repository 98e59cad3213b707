-- Tenants besides `default`, which has its settings in the Worker's variables. Written by `npm run tenant`; the Worker
-- reads the table at most every 10 seconds and checks every row by the rules of its settings.
CREATE TABLE mcp_tenants (
  id TEXT PRIMARY KEY NOT NULL,            -- also its path: /t/{id}
  settings TEXT NOT NULL CHECK (json_valid(settings)), -- {"ALLOWED_ORGS": "acme", ...}: settings by name, as texts
  client_secret TEXT,                      -- of its own GitHub application, sealed to a key of the Worker
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)), -- 1: everything of it is refused
  updated_at TEXT NOT NULL                 -- UTC, ISO 8601
) STRICT;
