/** Times for people. Pure; the server does not know where they are, so dates are UTC and spans are relative. */

const DATE = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
});

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** In: milliseconds since the epoch. Out: `23 Nov 2026, 05:13`. */
export function dateText(at: number): string {
  return DATE.format(at);
}

/** In: milliseconds since the epoch, then and now. Out: `3 hours ago`, or `just now` for less than a minute. */
export function agoText(at: number, now: number): string {
  const seconds = Math.max(0, (now - at) / 1000);
  for (const [name, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count > 0) return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}
