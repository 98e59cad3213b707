/** The events of a session's streams, so that a client that lost its connection can have them again. */
import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

/** Events kept per session; older ones go first. */
const MAX_EVENTS = 200;

const SCHEMA = `CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, message TEXT NOT NULL
);`;

export class EventLog implements EventStore {
  readonly #sql: SqlStorage;
  /** Off while a handshake is replayed: its answers are for nobody. */
  recording = true;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    if (!this.recording) return '0';
    const { id } = this.#sql
      .exec<{ id: number }>(
        'INSERT INTO events (stream, message) VALUES (?, ?) RETURNING id',
        stream,
        JSON.stringify(message),
      )
      .one();
    this.#sql.exec('DELETE FROM events WHERE id <= ?', id - MAX_EVENTS);
    return String(id);
  }

  async getStreamIdForEventId(eventId: string): Promise<string | undefined> {
    if (!/^\d{1,15}$/.test(eventId)) return undefined;
    const [event] = this.#sql
      .exec<{ stream: string }>('SELECT stream FROM events WHERE id = ?', Number(eventId))
      .toArray();
    return event?.stream;
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const stream = await this.getStreamIdForEventId(lastEventId);
    if (stream === undefined) throw new Error('unknown event id');
    const events = this.#sql
      .exec<{ id: number; message: string }>(
        'SELECT id, message FROM events WHERE stream = ? AND id > ? ORDER BY id',
        stream,
        Number(lastEventId),
      )
      .toArray();
    for (const { id, message } of events) {
      // A priming event has an id and no message.
      if (message !== '{}') await send(String(id), JSON.parse(message) as JSONRPCMessage);
    }
    return stream;
  }
}
