/** Rows as a file: CSV (RFC 4180) or NDJSON, made piece by piece while it is sent. */
import { type AuditRow, COLUMNS } from './row.ts';

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** What a spreadsheet would take for a formula. Texts of a log are written by whoever calls. */
const FORMULA = /^[=+\-@\t\r]/;

/** In: rows. Out: the bytes of a file of them. Asks for more rows only when what was made is taken away. */
export function exportStream(
  pieces: AsyncGenerator<readonly AuditRow[]>,
  format: ExportFormat,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let head = format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '';
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        const text = head + (value ?? []).map(format === 'csv' ? csvLine : jsonLine).join('');
        head = '';
        if (text !== '') controller.enqueue(encoder.encode(text));
        if (done === true) controller.close();
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** One row as a line of CSV. What begins like a formula gets an apostrophe in front, which a spreadsheet shows as text. */
export function csvLine(row: AuditRow): string {
  return `${COLUMNS.map((column) => csvCell(row[column] ?? null)).join(',')}\r\n`;
}

/** One row as a line of JSON, its members in the order of the table. */
export function jsonLine(row: AuditRow): string {
  return `${JSON.stringify(Object.fromEntries(COLUMNS.map((column) => [column, row[column] ?? null])))}\n`;
}

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
