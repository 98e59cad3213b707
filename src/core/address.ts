/** Networks instead of addresses: enough to see who knocks, and nobody's own. Pure. */

/** What stands for the networks that are too many to be named. */
export const OTHER_ADDRESS = '(other)';
/** What stands for an address that is missing or no address. */
export const UNKNOWN_ADDRESS = '(unknown)';

/**
 * In: an IP address, as Cloudflare gives it in `CF-Connecting-IP`, or null. Out: its network, `203.0.113.0/24` of IPv4,
 * `2001:db8:7::/48` of IPv6 (RFC 5952), which is what one customer usually has; `(unknown)` for anything else.
 */
export function networkOf(address: string | null): string {
  if (address === null) return UNKNOWN_ADDRESS;
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/i.exec(address);
  if (v4 !== null) {
    const parts = v4.slice(1).map(Number);
    return parts.every((part) => part <= 255) ? `${parts.join('.')}.0/24` : UNKNOWN_ADDRESS;
  }
  const groups = groupsOf(address);
  if (groups === undefined) return UNKNOWN_ADDRESS;
  const kept = groups.slice(0, 3).map((group) => group.toString(16));
  // What is left of the shortest form: zeros at the end go into the `::`.
  while (kept.at(-1) === '0') kept.pop();
  return `${kept.join(':')}::/48`;
}

/** The eight groups of an IPv6 address (RFC 4291 section 2.2), or undefined where it is none. */
function groupsOf(address: string): number[] | undefined {
  const halves = address.split('::');
  if (halves.length > 2 || !address.includes(':')) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail];
  return groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}
