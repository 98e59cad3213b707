/** Cutting one item that alone is larger than a result may be. */
import { cutText, jsonBytes, jsonFits } from '../output/budget.ts';

interface WithBody {
  readonly body?: string | undefined;
  readonly body_truncated?: boolean | undefined;
}

/** In: an item and the bytes it may have. Out: the item itself where it fits, or with its body cut at a line, and saying so. */
export function shrinkBody<Item extends WithBody>(item: Item, maxBytes: number): Item {
  if (jsonFits(item, maxBytes)) return item;
  const bare = { ...item, body: '', body_truncated: true };
  return { ...bare, body: cutText(item.body ?? '', Math.max(0, maxBytes - jsonBytes(bare))).text };
}
