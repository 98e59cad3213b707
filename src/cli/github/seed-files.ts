/** The files of the seeded repositories: a small shop, its binary logo, a file longer than an answer's budget. */
import { crc32, deflateSync } from 'node:zlib';

/** Path to content; bytes for a binary file, `null` for a file that the commit removes. */
export type FileTree = Readonly<Record<string, string | Uint8Array | null>>;

const PRICE = `/** Money is counted in cents, so that sums are exact. */
export type Cents = number & { readonly unit: 'cents' };

export function cents(amount: number): Cents {
  return Math.floor(amount * 100) as Cents;
}

export function format(price: Cents, currency = 'EUR', locale = 'de-DE'): string {
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(price / 100);
}
`;

const CART = `import type { Cents } from './price.ts';
import { cents } from './price.ts';
import { findProduct } from './products.ts';

export interface Line {
  readonly sku: string;
  readonly quantity: number;
}

export class Cart {
  readonly #lines = new Map<string, number>();

  add(sku: string, quantity = 1): void {
    this.#lines.set(sku, (this.#lines.get(sku) ?? 0) + quantity);
  }

  get lines(): Line[] {
    return [...this.#lines].map(([sku, quantity]) => ({ sku, quantity }));
  }

  total(): Cents {
    let sum = 0;
    for (const { sku, quantity } of this.lines) sum += cents(findProduct(sku).price) * quantity;
    return sum as Cents;
  }
}
`;

const README = `# Acme web shop

Sells anvils, magnets and rocket skates. Grüße aus dem Lager – 配送は世界中へ.

## Run it

    npm install
    npm start

The shop listens on port 3000. Prices are in \`src/products.ts\`; money is counted in cents, see \`src/price.ts\`.

![Logo](assets/logo.png)
`;

const SERVER = `import { createServer } from 'node:http';
import { Cart } from './cart.ts';
import { format } from './price.ts';

const carts = new Map<string, Cart>();

createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const session = request.headers['x-session'] ?? 'anonymous';
  const cart = carts.get(String(session)) ?? new Cart();
  carts.set(String(session), cart);
  if (request.method === 'POST' && url.pathname === '/cart') cart.add(url.searchParams.get('sku') ?? '');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ lines: cart.lines, total: format(cart.total()) }));
}).listen(3000);
`;

const THINGS = [
  'Anvil',
  'Magnet',
  'Rocket skates',
  'Bird seed',
  'Giant rubber band',
  'Dehydrated boulders',
  'Jet bike',
];

/** About 45 KB: more than one answer may hold. In: what a season adds to each price, in euros. */
function products(surcharge: number): string {
  const rows = Array.from({ length: 420 }, (_, i) => {
    const sku = `ACME-${String(i + 1).padStart(4, '0')}`;
    const name = `${THINGS[i % THINGS.length]}, model ${Math.floor(i / THINGS.length) + 1}`;
    const price = (9.95 + (i % 90) * 1.15 + surcharge).toFixed(2);
    return `  { sku: '${sku}', name: '${name}', price: ${price}, grams: ${250 + ((i * 37) % 9000)} },`;
  });
  return [
    'export interface Product {',
    '  readonly sku: string;',
    '  readonly name: string;',
    '  /** Euros. */',
    '  readonly price: number;',
    '  readonly grams: number;',
    '}',
    '',
    'export const PRODUCTS: readonly Product[] = [',
    ...rows,
    '];',
    '',
    'export function findProduct(sku: string): Product {',
    '  const found = PRODUCTS.find((product) => product.sku === sku);',
    '  if (found === undefined) throw new Error(sku);',
    '  return found;',
    '}',
    '',
  ].join('\n');
}

export const WEB: FileTree = {
  'README.md': README,
  'package.json': `${JSON.stringify({ name: 'acme-web', private: true, type: 'module', scripts: { start: 'node src/server.ts' } }, null, 2)}\n`,
  'src/server.ts': SERVER,
  'src/cart.ts': CART,
  'src/price.ts': PRICE,
  'src/products.ts': products(0),
  'docs/notes/release checklist.md': '# Release checklist\n\n- [ ] Prices checked\n- [ ] Magnets demagnetised\n',
  'assets/logo.png': logo(),
};

/** A pull request that changes one file, adds one and removes one. */
export const ROUNDING_CHANGE: FileTree = {
  'src/price.ts': PRICE.replace('Math.floor(amount * 100)', 'Math.round(amount * 100)').replace(
    'so that sums are exact. */',
    'so that sums are exact; half a cent is rounded up. */',
  ),
  'src/price.test.ts': `import { strictEqual } from 'node:assert';\nimport { test } from 'node:test';\nimport { cents } from './price.ts';\n\ntest('half a cent is rounded up', () => {\n  strictEqual(cents(1.005 + Number.EPSILON), 101);\n});\n`,
  'docs/notes/release checklist.md': null,
};

/** A pull request with more files than one page of GitHub's list holds. */
export const LOCALES: FileTree = Object.fromEntries(
  Array.from({ length: 120 }, (_, i) => {
    const code = `${String.fromCharCode(97 + (i % 26))}${String.fromCharCode(97 + Math.floor(i / 26))}`;
    return [
      `locales/${code}.json`,
      `${JSON.stringify({ locale: code, cart: `cart (${code})`, total: `total (${code})` }, null, 2)}\n`,
    ];
  }),
);

/** A pull request whose patch is longer than one answer may be. */
export const LONG_CHANGE: FileTree = { 'src/products.ts': products(1.5) };

export const SECRETS: FileTree = {
  'DEPLOY.md': '# Deploy\n\nAsk in the operations channel. Nothing secret is kept in this file.\n',
};

export const NOTES: FileTree = { 'todo.md': '- water the plants\n- write a talk about rate limits\n' };

/** A valid 32 by 32 PNG, drawn rather than carried along. */
function logo(): Uint8Array {
  const side = 32;
  const rows = Array.from({ length: side }, (_, y) => [0, ...Array.from({ length: side }, (_, x) => (x ^ y) * 8)]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8 + body.length);
    frame.writeUInt32BE(data.length, 0);
    body.copy(frame, 4);
    frame.writeUInt32BE(crc32(body), 4 + body.length);
    return frame;
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
