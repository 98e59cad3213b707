import { describe, expect, it } from 'vitest';
import { MAX_ARGUMENTS, MAX_ARGUMENTS_WITH_TEXTS, redactArguments, redactText } from '../../src/core/redaction.ts';

const SECRETS = [
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'github_pat_11ABCDEFG0123456789abcdefghijklmnopqrstuvwxyz',
  'AKIAIOSFODNN7EXAMPLE',
  'xoxb-123456789012-abcdefghijkl',
  'sk_live_0123456789abcdefABCDEF',
  'sk-proj-0123456789abcdefghijklmnop',
  'glpat-0123456789abcdefghij',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  'gh_583231.abcdefghijklmn-_qrstuv:gr_nt-23:-ecret_56',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----',
];

describe('redaction', () => {
  it.each(SECRETS)('removes %s from text and from any place in arguments', (secret) => {
    expect(redactText(`before ${secret} after`)).toBe('before [redacted] after');
    const kept = redactArguments({ query: `x ${secret}`, deep: [{ list: [secret] }], [secret]: 1 });
    expect(kept).not.toContain(secret.slice(4, 24));
  });

  it('removes credentials from URLs and headers', () => {
    expect(redactText('https://user:hunter2@host/x')).toBe('https://[redacted]@host/x');
    expect(redactText('Authorization: Bearer abcdefghijklmnop.qrstuv')).toBe('Authorization: Bearer [redacted]');
  });

  it('keeps content as length and hash, and not fields that name a secret', () => {
    expect(
      JSON.parse(redactArguments({ owner: 'acme', body: 'hello', api_key: 'abc', Password: 1 }) as string),
    ).toEqual({
      owner: 'acme',
      body: { length: 5, sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' },
      api_key: '[redacted]',
      Password: '[redacted]',
    });
  });

  it('is capped, whatever comes', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`);
    for (const args of [{ a: 'x'.repeat(1e6) }, { a: Array(1e5).fill('y') }, deep, { deep }]) {
      const kept = redactArguments(args) as string;
      expect(kept.length).toBeLessThanOrEqual(MAX_ARGUMENTS + 200);
      expect(() => JSON.parse(kept)).not.toThrow();
    }
    expect(redactArguments(undefined)).toBeNull();
  });
});

describe('texts that the policy keeps', () => {
  it('are kept whole without their secrets, up to a limit', () => {
    const body = `Hello.\nMy token is ghp_${'a1B2'.repeat(9)}.\n${'x'.repeat(1000)}`;
    const kept = JSON.parse(redactArguments({ body, title: 'T', token: 'secret' }, 'keep') ?? '');
    expect(kept).toEqual({ body: body.replace(/ghp_\w+/, '[redacted]'), title: 'T', token: '[redacted]' });
    expect(JSON.parse(redactArguments({ body }, 'hash') ?? '').body).toEqual({
      length: body.length,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const long = redactArguments({ files: Array.from({ length: 9 }, () => ({ content: 'y'.repeat(40_000) })) }, 'keep');
    expect(long?.length).toBeLessThanOrEqual(MAX_ARGUMENTS_WITH_TEXTS);
    expect(JSON.parse(long ?? '')).toMatchObject({ truncated: true });
    expect(JSON.parse(redactArguments({ content: 'y'.repeat(40_000) }, 'keep') ?? '').content).toMatch(
      /^y{32000}… \(40000 characters\)$/,
    );
  });

  it('takes a secret that stands beside an underscore', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    for (const text of [
      `MY_${token}`,
      `${token}_x`,
      `AKIA${'A1'.repeat(8)}_1`,
      `ghs_123456_eyJhbGciOiJI.eyJpc3MiOiIx.c2ln`,
    ]) {
      const kept = redactText(text);
      expect(kept).toContain('[redacted]');
      expect(kept).not.toMatch(/a1B2|A1A1|c2ln/);
    }
  });

  it('reads a megabyte of almost-tokens without starting anew at each hyphen', () => {
    // Quadratic, this took minutes: the limit of a test is five seconds.
    for (const piece of ['eyJaaaaaaaa-', 'ghs_1_eyJaaaaaaaa-', 'sk-aaaa-', 'xoxb-a-', 'glpat-a.', 'gh_1.a:']) {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      expect(typeof redactText(text)).toBe('string');
    }
  });
});
