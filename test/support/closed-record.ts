/** A record that is closed, for tests of the log. */
import type { ClosedRecord } from '../../src/core/record.ts';

/** In: its id, and what is not as usual. */
export function closedRecord(id: string, more: Partial<ClosedRecord> = {}): ClosedRecord {
  return {
    id,
    timestamp: '2026-11-24T12:00:00.000Z',
    tenant_id: 'default',
    user_id: 'gh_1',
    user_login: 'octocat',
    client_id: 'a',
    client_name: 'A',
    server_id: 'gate.example',
    session_id: null,
    call_id: id,
    request_id: 'req_1',
    grant_id: null,
    method: 'tools/call',
    tool_name: 'get_me',
    arguments: '{"a":"ü \\u0000 \\" \'"}',
    result_status: 'success',
    duration_ms: 5,
    error_code: null,
    error_message: null,
    repeat_count: 1,
    ...more,
  };
}
