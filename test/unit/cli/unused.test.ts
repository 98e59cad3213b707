/** Parts of packages that are left out of the bundle: exactly those, and only where they are still true. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Unused } from '../../../src/cli/bundle/unused.ts';
import { leaveOut } from '../../../src/cli/bundle/unused.ts';

const PACKAGE = `
import { big } from './big.js';
var Peer = class { reach() { return big(); } asked() { return 'asked'; } rare() { return seldom(); } within() { return inner.never(); } };
async function seldom() { return big(); }
const inner = (() => { const never = () => { return big(); }; return { never }; })();
var Kind = class { constructor() { this.big = big(); } };
const table = {};
for (const key of KEYS) table[key] = big(key);
export { Peer, Kind };
`;
const ENTRY = "import { Kind, Peer } from 'peer'; export const peer = new Peer(); export const is = 1 instanceof Kind;";
const LIST: Unused = {
  package: 'peer',
  version: '1.0.0',
  because: 'of this test',
  reachedBy: /\.reach\(/,
  methods: { Peer: ['reach'] },
  functions: ['seldom', 'never'],
  classes: ['Kind'],
  statements: ['for (const key of KEYS) '],
};

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gatehouse-unused-test-'));
  const peer = join(dir, 'node_modules/peer');
  await mkdir(peer, { recursive: true });
  await writeFile(join(peer, 'package.json'), '{"name":"peer","version":"1.0.0","type":"module","main":"index.js"}');
  await writeFile(join(peer, 'index.js'), PACKAGE);
  await writeFile(join(peer, 'big.js'), "export const big = () => 'big';");
});
afterAll(async () => await rm(dir, { recursive: true, force: true }));

/** Out: the code of a bundle. */
async function built(list: Unused, entry = ENTRY): Promise<string> {
  await writeFile(join(dir, 'entry.js'), entry);
  const bundler = await rolldown({ input: join(dir, 'entry.js'), plugins: [leaveOut([list])] });
  const { output } = await bundler.generate({ format: 'esm' });
  return output[0].code;
}

describe('leaveOut', () => {
  it('takes what is named and what only that used; the rest works, and a method that is called after all says so', async () => {
    const code = await built(LIST);
    expect(code).not.toContain("'big'");
    const { peer, is } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
      peer: { asked(): string; reach(): string; rare(): Promise<string>; within(): string };
      is: boolean;
    };
    expect([peer.asked(), is]).toEqual(['asked', false]);
    expect(() => peer.reach()).toThrow('left out of this build');
    expect(() => peer.within()).toThrow('left out of this build');
    await expect(peer.rare()).rejects.toThrow('left out of this build');
  });

  it.each<[string, Partial<Unused>, string]>([
    ['another version', { version: '1.0.1' }, 'peer 1.0.1, this is 1.0.0'],
    ['a method that is not there', { methods: { Peer: ['reach', 'gone'] } }, '0 times what .* leaves out: gone'],
    ['a method of another class', { methods: { Kind: ['asked'] } }, '0 times what .* leaves out: asked'],
    ['a function that is not there', { functions: ['gone'] }, '0 times what .* leaves out: gone'],
    ['a class that is not there', { classes: ['Gone'] }, '0 times what .* leaves out: Gone'],
    ['a statement that is not there', { statements: ['for (;;)'] }, '0 times what .* leaves out: for'],
    ['a package that is not there', { package: 'gone' }, 'gone has 0 times'],
  ])('fails for %s', async (_, differs, words) => {
    await expect(built({ ...LIST, ...differs })).rejects.toThrow(new RegExp(words));
  });

  it('fails where source of ours reaches it', async () => {
    await expect(built(LIST, `${ENTRY} peer.reach();`)).rejects.toThrow(/entry\.js has \.reach\(, which reaches/);
  });
});
