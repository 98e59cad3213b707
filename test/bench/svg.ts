/** Horizontal bars as an SVG file: readable without a script, on any background. Pure. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What stands at its end. */
  readonly text: string;
  /** Ours stand out. */
  readonly ours: boolean;
  /** A line across the end of the bar. */
  readonly whisker?: readonly [low: number, high: number];
  /** A line that the bar is compared with. */
  readonly mark?: number | undefined;
}

export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly Bar[];
}

/** Room for bars, and for what stands at their ends. */
const BARS = 380;
const RIGHT = 150;
/** Of a character, on average, at 13 px. */
const CHARACTER = 6.7;
const TOP = 58;
const ROW = 26;
const COLOURS = { ours: '#1a7f64', other: '#8c959f', ink: '#1f2328', faint: '#59636e', mark: '#bc4c00' };

/** In: values of 0 and more. Out: the file's text. */
export function barChart({ title, subtitle, bars }: Chart): string {
  const most = Math.max(...bars.flatMap(({ value, whisker, mark }) => [value, whisker?.[1] ?? 0, mark ?? 0]));
  const left = Math.round(Math.max(...bars.map(({ label }) => label.length)) * CHARACTER) + 26;
  const width = left + BARS + RIGHT;
  const x = (value: number) => left + (value / most) * BARS;
  const height = TOP + bars.length * ROW + 14;
  const rows = bars.map((bar, i) => {
    const y = TOP + i * ROW;
    const middle = y + ROW / 2;
    const end = Math.max(bar.value, bar.whisker?.[1] ?? 0, bar.mark ?? 0);
    return [
      text(left - 10, middle, bar.label, bar.ours ? COLOURS.ink : COLOURS.faint, 'end'),
      `<rect x="${left}" y="${y + 4}" width="${round(x(bar.value) - left)}" height="${ROW - 8}" rx="2" fill="${bar.ours ? COLOURS.ours : COLOURS.other}"/>`,
      ...(bar.whisker === undefined ? [] : [whisker(x(bar.whisker[0]), x(bar.whisker[1]), middle)]),
      ...(bar.mark === undefined ? [] : [line(x(bar.mark), y + 1, x(bar.mark), y + ROW - 1, COLOURS.mark, 2)]),
      text(x(end) + 8, middle, bar.text, COLOURS.ink, 'start'),
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escaped(title)}">
<rect width="${width}" height="${height}" rx="6" fill="#ffffff"/>
<text x="16" y="24" font-size="15" font-weight="600" fill="${COLOURS.ink}">${escaped(title)}</text>
<text x="16" y="43" fill="${COLOURS.faint}">${escaped(subtitle)}</text>
${rows.join('\n')}
</svg>
`;
}

function whisker(low: number, high: number, y: number): string {
  return [line(low, y, high, y), line(low, y - 4, low, y + 4), line(high, y - 4, high, y + 4)].join('');
}

function line(x1: number, y1: number, x2: number, y2: number, colour = COLOURS.ink, width = 1.5): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colour}" stroke-width="${width}"/>`;
}

function text(x: number, y: number, content: string, fill: string, anchor: 'start' | 'end'): string {
  return `<text x="${round(x)}" y="${round(y)}" dominant-baseline="central" text-anchor="${anchor}" fill="${fill}">${escaped(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
