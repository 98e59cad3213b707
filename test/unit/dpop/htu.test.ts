import { describe, expect, it } from 'vitest';
import { normaliseHtu, urisOf } from '../../../src/auth/dpop/htu.ts';
import { random } from '../../support/random.ts';

describe('a normalised URI', () => {
  it.each([
    // The example of RFC 3986 section 6.2.2, with a scheme and host of http.
    ['https://a/./b/../b/%63/%7bfoo%7d', 'https://a/b/c/%7Bfoo%7D'],
    ['HTTPS://A.Example', 'https://a.example/'],
    ['http://a.example:80/', 'http://a.example/'],
    ['http://a.example:/', 'http://a.example/'],
    ['http://a.example:443/', 'http://a.example:443/'],
    ['https://a.example:443', 'https://a.example/'],
    ['https://a.example?x=/y', 'https://a.example/'],
    ['https://a.example/x#/y?z', 'https://a.example/x'],
    ['https://%41.example/', 'https://a.example/'],
    ['https://a%c3%a9.example/', 'https://a%C3%A9.example/'],
    ['https://[2001:DB8::1]:443/x', 'https://[2001:db8::1]/x'],
    ['https://a/b/..', 'https://a/'],
    ['https://a/b/.', 'https://a/b/'],
    ['https://a/../..', 'https://a/'],
    ['https://a/%2e%2e/b', 'https://a/b'],
    ['https://a/b%2Fc', 'https://a/b%2Fc'],
    ['https://a//b', 'https://a//b'],
    ['https://a/b;x=1,2', 'https://a/b;x=1,2'],
  ])('%s is %s', (uri, expected) => {
    expect(normaliseHtu(uri)).toBe(expected);
  });

  it.each([
    '',
    '/mcp',
    '//a/mcp',
    'a.example/mcp',
    'ftp://a/mcp',
    'https:/a/mcp',
    'https:a/mcp',
    'https:///mcp',
    'https://:443/mcp',
    'https://user@a/mcp',
    'https://a:b/mcp',
    'https://a:1:2/mcp',
    'https://[::1/mcp',
    'https://a\\mcp',
    'https://a/m cp',
    ' https://a/mcp',
    'https://a/mcp\n',
    'https://a/m%2',
    'https://a/m%zz',
    'https://é.example/mcp',
    'https://a/"',
  ])('%j is none', (uri) => {
    expect(normaliseHtu(uri)).toBeUndefined();
  });

  it('is normalised already, and agrees with the URL class on what that class leaves alone', () => {
    const next = random(3);
    const pool = ['a', 'Z', '/', '.', '..', '%41', '%2f', '%7e', '-', '~', ';', '//', '/./', '/../'];
    for (let i = 0; i < 3000; i++) {
      const path = Array.from({ length: Math.floor(next() * 10) }, () => pool[Math.floor(next() * pool.length)]).join(
        '',
      );
      const uri = `https://Gate.example:443/${path}`;
      const once = normaliseHtu(uri) as string;
      expect(normaliseHtu(once), uri).toBe(once);
      expect(normaliseHtu(new URL(uri).href), uri).toBe(once);
    }
  });
});

describe('the URIs of a request', () => {
  it('are the canonical one, the one it came to, and that one over TLS', () => {
    expect(urisOf('http://tunnel.example/mcp?x=1', 'https://gate.example')).toEqual([
      'https://gate.example/mcp',
      'http://tunnel.example/mcp?x=1',
      'https://tunnel.example/mcp',
    ]);
  });
});
