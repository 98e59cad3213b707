/** The events of a session's streams, so that a client that lost its connection can have them again. */
import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

/** Events kept per session; older ones go first. */
const MAX_EVENTS = 200;
/** Characters of an event that is kept: a row holds 2 MB. What is longer is sent and cannot be had again. */
const MAX_EVENT = 500_000;

/** Stands for a message that was not kept; also what a priming event is. */
const LOST = '{}';

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
    const text = JSON.stringify(message);
    const { id } = this.#sql
      .exec<{ id: number }>(
        'INSERT INTO events (stream, message) VALUES (?, ?) RETURNING id',
        stream,
        text.length > MAX_EVENT ? LOST : text,
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
      // A priming event has an id and no message; one that was too long has lost its own.
      if (message !== LOST) await send(String(id), JSON.parse(message) as JSONRPCMessage);
    }
    return stream;
  }
}
