/** Texts that are nearly JSON. */
import type { Draw } from '../draw.ts';
import { spoil } from '../draw.ts';

/** In: a value. Out: it as JSON, or something near it; sometimes bytes that are no text. */
export function spoiledJson(draw: Draw, value: unknown): string | Buffer {
  const text = JSON.stringify(value) ?? '';
  switch (draw.int(12)) {
    case 0:
      return spoil(draw, text);
    case 1:
      return `${'['.repeat(20_000)}${text}`;
    case 2:
      return `${text}${text}`;
    case 3:
      return Buffer.concat([Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from(text)]);
    case 4:
      return `\ufeff${text}`;
    case 5:
      return text.replace('{', '{"id":1,"id":{},"__proto__":{"x":1},');
    default:
      return text;
  }
}
