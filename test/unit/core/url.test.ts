/** The parts of a URL: those of the one that is asked about, also when another one came between. */
import { expect, it } from 'vitest';
import { partsOf, pathOf } from '../../../src/core/url.ts';

it('reads each URL as the URL standard does', () => {
  const urls = [
    'https://gate.example/mcp',
    'https://gate.example:8443/a/../b?code=1#x',
    'http://localhost:80/t/%2e%2e/x',
  ];
  for (const url of [...urls, ...urls.toReversed()]) {
    const { host, pathname, search } = new URL(url);
    expect(partsOf(url)).toEqual({ host, pathname, search });
    expect(pathOf(url)).toBe(pathname);
  }
});

it('gives what cannot be read to nobody, after a URL that could be too', () => {
  for (const url of ['', 'http://[/mcp', 'http://a b/mcp']) {
    partsOf('https://gate.example/mcp');
    expect(partsOf(url)).toEqual({ host: '', pathname: '/', search: '' });
  }
});
