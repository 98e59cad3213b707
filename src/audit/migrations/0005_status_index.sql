-- Rows that did not succeed, by status. Spelled out, because SQLite takes an index for `result_status = 'denied'` only where
-- that stands in the index's own condition, between ORs: so a query needs to say no more than what it looks for. Nearly all
-- rows are successes: the index on the time finds those as fast, and one more would cost each of them 54 bytes and a write.
DROP INDEX mcp_audit_log_status;
CREATE INDEX mcp_audit_log_status ON mcp_audit_log (tenant_id, result_status, timestamp)
  WHERE result_status = 'denied' OR result_status = 'error' OR result_status = 'unknown'
    OR result_status = 'cancelled' OR result_status = 'input_required';
