/** Cutting one item that alone is larger than a result may be. */
import { cutText, jsonBytes } from '../output/budget.ts';

interface WithBody {
  readonly body?: string | undefined;
  readonly body_truncated?: boolean | undefined;
}

/** In: an item and the bytes it may have. Out: the item with its body cut at a line, and saying so. */
export function shrinkBody<Item extends WithBody>(item: Item, maxBytes: number): Item {
  const bare = { ...item, body: '', body_truncated: true };
  return { ...bare, body: cutText(item.body ?? '', Math.max(0, maxBytes - jsonBytes(bare))).text };
}
