/** All headers of every kind of answer: whoever makes it, and however little it costs. */
import { env, exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { configOf } from '../../src/config.ts';
import { Flow } from './grants.ts';

const parsed = configOf(env);
if (!parsed.ok) throw new Error('the tests lack settings');
const flow = await Flow.of(parsed.value);
const code = await flow.codeOf('gh_6400', {}, ['tools:list', 'tools:execute:read_only']);
const { access_token } = (await flow.redeem(code)).body;
const session = await flow.session(access_token);
const TOKEN = { authorization: `Bearer ${access_token}` };
const ORIGIN = 'https://gate.example';

const ALWAYS = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'referrer-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-request-id': expect.stringMatching(/^req_[a-z2-7]{16}$/),
};
const FRESH = { ...ALWAYS, 'cache-control': 'no-store' };
const JSON_ANSWER = { ...FRESH, 'content-type': 'application/json' };
const LIMITED = {
  ...JSON_ANSWER,
  'ratelimit-policy': expect.stringMatching(/^"[a-z]+";q=\d+;w=\d+/),
  ratelimit: expect.stringMatching(/^"[a-z]+";r=\d+;t=\d+/),
};
const SHARED = {
  'access-control-allow-headers': 'Authorization, *',
  'access-control-allow-methods': '*',
  'access-control-allow-origin': ORIGIN,
  'access-control-expose-headers': 'WWW-Authenticate, Retry-After, DPoP-Nonce, RateLimit, RateLimit-Policy',
  'access-control-max-age': '86400',
  vary: 'Origin',
};

const LIST = { id: 1, method: 'tools/list' };

async function asked(path: string, init: RequestInit = {}): Promise<[number, Record<string, string>]> {
  const { status, headers, body } = await exports.default.fetch(new Request(`${ORIGIN}${path}`, init));
  await body?.cancel();
  return [status, Object.fromEntries(headers)];
}

async function called(message: object, more: Record<string, string> = {}): Promise<[number, Record<string, string>]> {
  const { status, headers, body } = await flow.post(access_token, message, more);
  await body?.cancel();
  return [status, Object.fromEntries(headers)];
}

const version = { 'mcp-protocol-version': '2025-11-25' };
const unknown = { ...version, 'mcp-session-id': '0'.repeat(64) };

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'T', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const MODERN = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
const inSession = { ...version, 'mcp-session-id': session };
/** Refused before GitHub is asked, so that the answer is there soon. */
const issue = { name: 'issue_read', arguments: {} };

describe('an answer has these headers, the first time and again', () => {
  it.each([
    ['a list', () => called(LIST, inSession), 200, { ...LIMITED, 'mcp-session-id': session }],
    [
      'a call',
      () => called({ id: 1, method: 'tools/call', params: issue }, inSession),
      200,
      { ...LIMITED, 'mcp-session-id': session },
    ],
    [
      'a request that lacks a scope',
      () => called({ id: 1, method: 'prompts/get', params: { name: 'any' } }, inSession),
      403,
      { ...LIMITED, 'www-authenticate': expect.stringMatching(/^Bearer .* error="insufficient_scope"/) },
    ],
    ['a modern list', () => called({ ...LIST, params: { _meta: META } }, MODERN), 200, LIMITED],
    ['an unknown session', () => called(LIST, unknown), 404, LIMITED],
    ['another origin of ours', () => called(LIST, { ...unknown, origin: ORIGIN }), 404, { ...LIMITED, ...SHARED }],
    ['no JSON', () => called(LIST, { 'content-type': 'text/plain' }), 415, JSON_ANSWER],
    [
      'no token',
      () => asked('/mcp', { method: 'POST', body: '{}' }),
      401,
      { ...JSON_ANSWER, 'www-authenticate': expect.stringMatching(/^Bearer realm="OAuth", /) },
    ],
    ['a foreign origin', () => called(LIST, { origin: 'https://evil.example' }), 403, JSON_ANSWER],
    [
      'a question before',
      () => asked('/mcp', { method: 'OPTIONS', headers: { ...TOKEN, origin: ORIGIN } }),
      204,
      { ...FRESH, ...SHARED, 'content-length': '0' },
    ],
    [
      'the same from nowhere',
      () => asked('/mcp', { method: 'OPTIONS', headers: TOKEN }),
      204,
      { ...FRESH, 'content-length': '0' },
    ],
    ['nothing there', () => asked('/nothing'), 404, JSON_ANSWER],
    [
      'a redirect',
      () => asked('/mcp', { headers: { accept: 'text/html' }, redirect: 'manual' }),
      302,
      { ...FRESH, location: `${ORIGIN}/` },
    ],
    [
      'the metadata',
      () => asked('/.well-known/oauth-protected-resource/mcp', { headers: TOKEN }),
      200,
      { ...JSON_ANSWER, 'access-control-allow-origin': '*', pragma: 'no-cache' },
    ],
    [
      'a page',
      () => asked('/', { headers: { accept: 'text/html' } }),
      200,
      {
        ...FRESH,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-\S+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
        ),
      },
    ],
  ])('%s', async (_, ask, status, headers) => {
    for (let i = 0; i < 2; i++) expect(await ask()).toEqual([status, headers]);
  });
});
