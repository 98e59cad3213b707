-- INSERT OR REPLACE removes the row in whose place it puts another, and asks no trigger on deletes or updates. A row has three
-- places: its id, its number in the chain (0001), and its rowid, which an INSERT may name. One that names none has -1 here.
CREATE TRIGGER mcp_audit_log_no_replace_rowid BEFORE INSERT ON mcp_audit_log
WHEN NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM mcp_audit_log WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'mcp_audit_log is append-only: that rowid is taken');
END;

CREATE TRIGGER mcp_audit_archived_no_replace_rowid BEFORE INSERT ON mcp_audit_archived
WHEN NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM mcp_audit_archived WHERE rowid = NEW.rowid)
BEGIN
  SELECT RAISE(ABORT, 'mcp_audit_archived: a watermark cannot be removed');
END;

-- Ignored rather than refused, because a Writer may note again what it does not know to be noted.
CREATE TRIGGER mcp_audit_archived_no_replace BEFORE INSERT ON mcp_audit_archived
WHEN EXISTS (SELECT 1 FROM mcp_audit_archived WHERE chain_id = NEW.chain_id AND seq > NEW.seq)
BEGIN
  SELECT RAISE(IGNORE);
END;
