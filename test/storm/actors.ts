/** Who takes part in a storm. Each actor does its thing once; the storm has it do so again and again. */
import { request } from 'node:http';
import { connectModern, Person } from '../../src/cli/clients.ts';
import type { Stack } from '../../src/cli/stack.ts';
import { send } from '../bench/http.ts';
import { SESSION_REVISION } from '../bench/requests.ts';
import { drawFor } from '../fuzz/draw.ts';
import type { Kind } from '../fuzz/fuzz.ts';
import { KINDS } from '../fuzz/fuzz.ts';
import { faultOf } from '../fuzz/judge.ts';
import { shoot } from '../fuzz/shot.ts';
import type { Target } from '../fuzz/target.ts';
import { modernBody, modernHeaders } from '../support/rpc.ts';
import type { Ledger } from './ledger.ts';
import { PEOPLE, TROUBLE } from './upstream.ts';

export interface Scene {
  readonly stack: Stack;
  readonly ledger: Ledger;
  /** Access tokens of the people who call. */
  readonly tokens: readonly string[];
  /** What garbage is made of. */
  readonly target: Target;
  readonly seed: number;
}

export type Actor = (scene: Scene, turn: number) => Promise<void>;

const PLACE = { owner: 'acme', repo: 'web' };
const TROUBLES = Object.values(TROUBLE);

interface Sent {
  readonly kind: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How the row must end; undefined where there is none. */
  readonly outcome?: 'success' | 'error';
}

/** One POST whose answer is read whole. Out: the answer's text; everything else is written into the ledger. */
async function post({ stack, ledger }: Scene, { kind, headers, body, outcome }: Sent): Promise<Answered> {
  const began = performance.now();
  const host = new URL(stack.url).host;
  const answer = await send({
    port: stack.directPort,
    method: 'POST',
    path: '/mcp',
    headers: { ...headers, host },
    body,
  }).catch((error: Error) => ({ status: 0, text: error.message, headers: {} as Record<string, undefined> }));
  ledger.answered(kind, answer.status, performance.now() - began);
  const id = answer.headers['x-request-id'];
  const expected = outcome === undefined ? answer.status < 300 : answer.status === 200;
  const failed = answer.text.includes('"isError":true');
  if (!expected || (outcome !== undefined && failed !== (outcome === 'error'))) {
    ledger.fail(`${kind}: ${answer.status} ${answer.text.slice(0, 300)}`);
  }
  if (outcome !== undefined && typeof id === 'string') ledger.acknowledged.set(id, failed ? 'error' : 'success');
  return { text: answer.text, session: answer.headers['mcp-session-id'] };
}

interface Answered {
  readonly text: string;
  readonly session: string | string[] | undefined;
}

const tokenFor = ({ tokens }: Scene, turn: number) => tokens[turn % tokens.length] ?? '';

function modernCall(scene: Scene, turn: number, kind: string, tool: string, args: object, outcome: Sent['outcome']) {
  const headers = modernHeaders(tokenFor(scene, turn), 'tools/call', tool);
  const body = modernBody('tools/call', { name: tool, arguments: args });
  return post(scene, { kind, headers, body, ...(outcome !== undefined && { outcome }) });
}

/** Reads an issue; every tenth is one that GitHub cannot show. */
const read: Actor = async (scene, turn) => {
  const trouble = turn % 10 === 9 ? TROUBLES[Math.floor(turn / 10) % TROUBLES.length] : undefined;
  const args = { method: 'get', ...PLACE, issue_number: trouble ?? 1 + (turn % 100) };
  await modernCall(scene, turn, 'read', 'issue_read', args, trouble === undefined ? 'success' : 'error');
};

const write: Actor = async (scene, turn) => {
  const args = { method: 'create', ...PLACE, title: `Storm ${turn}` };
  await modernCall(scene, turn, 'write', 'issue_write', args, 'success');
};

const list: Actor = async (scene, turn) => {
  const headers = modernHeaders(tokenFor(scene, turn), 'tools/list');
  await post(scene, { kind: 'list', headers, body: modernBody('tools/list') });
};

/** A call that answers as a stream, with progress before its result. */
const stream: Actor = async (scene, turn) => {
  const params = { name: 'issue_read', arguments: { method: 'get_comments', ...PLACE, issue_number: 5 } };
  const message = JSON.parse(modernBody('tools/call', params)) as { params: { _meta: Record<string, unknown> } };
  message.params._meta.progressToken = turn;
  const headers = modernHeaders(tokenFor(scene, turn), 'tools/call', 'issue_read');
  const { text } = await post(scene, { kind: 'stream', headers, body: JSON.stringify(message), outcome: 'success' });
  if (!text.includes('notifications/progress')) scene.ledger.fail(`stream: no progress in ${text.slice(0, 200)}`);
};

/** A client that asks and hangs up before the answer: nothing was acknowledged, and nothing may break. */
const hangUp: Actor = (scene, turn) =>
  new Promise((resolve) => {
    const body = modernBody('tools/call', {
      name: 'issue_read',
      arguments: { method: 'get', ...PLACE, issue_number: 3 },
    });
    const headers = {
      ...modernHeaders(tokenFor(scene, turn), 'tools/call', 'issue_read'),
      'content-length': String(Buffer.byteLength(body)),
    };
    const { hostname, port } = new URL(scene.stack.url);
    const sent = request({ hostname, port, method: 'POST', path: '/mcp', headers });
    sent.on('error', () => undefined);
    sent.on('response', (response) => response.resume());
    sent.on('close', () => {
      scene.ledger.answered('hang up', 0, 0);
      resolve();
    });
    sent.end(body);
    setTimeout(() => sent.destroy(), turn % 20);
  });

/** A whole session: handshake, a few calls, its listening stream for a moment, the end. */
const session: Actor = async (scene, turn) => {
  const base = {
    authorization: `Bearer ${tokenFor(scene, turn)}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const message = (id: number | undefined, method: string, params: object) =>
    JSON.stringify({ jsonrpc: '2.0', ...(id !== undefined && { id }), method, params });
  const hello = {
    protocolVersion: SESSION_REVISION,
    capabilities: {},
    clientInfo: { name: 'storm', version: '1' },
  };
  const begun = await post(scene, { kind: 'session open', headers: base, body: message(0, 'initialize', hello) });
  if (typeof begun.session !== 'string') return scene.ledger.fail(`session: none in ${begun.text.slice(0, 200)}`);
  const headers = { ...base, 'mcp-session-id': begun.session, 'mcp-protocol-version': SESSION_REVISION };
  await post(scene, { kind: 'session open', headers, body: message(undefined, 'notifications/initialized', {}) });
  for (let call = 1; call <= 5; call += 1) {
    const params = { name: 'issue_read', arguments: { method: 'get', ...PLACE, issue_number: call } };
    const body = message(call, 'tools/call', params);
    await post(scene, { kind: 'session call', headers, body, outcome: 'success' });
  }
  const { port } = scene.target;
  const began = performance.now();
  const named = Object.entries(headers);
  const listening = await shoot(port, { method: 'GET', target: '/mcp', headers: named });
  scene.ledger.answered('session listen', listening.status, performance.now() - began);
  const ended = await shoot(port, { method: 'DELETE', target: '/mcp', headers: named });
  if (listening.status !== 200 || ended.status !== 200) {
    scene.ledger.fail(`session: listening ${listening.status}, ended ${ended.status}`);
  }
};

/** Somebody new connects: registration, consent, sign-in at GitHub, a code, a token, a first call. */
const signIn: Actor = async ({ stack, ledger }, turn) => {
  const began = performance.now();
  const person = new Person({ clientName: 'Storm', login: PEOPLE[turn % PEOPLE.length] ?? '' });
  try {
    await (await connectModern(stack.mcpUrl, { person })).close();
    ledger.answered('sign-in', 200, performance.now() - began);
  } catch (error) {
    ledger.fail(`sign-in: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const GARBAGE: readonly Kind[] = ['edge', 'json-rpc', 'headers', 'tokens', 'proofs', 'cookies', 'forms'];

const garbage: Actor = async (scene, turn) => {
  const kind = GARBAGE[turn % GARBAGE.length] as Kind;
  const began = performance.now();
  const hit = await shoot(scene.target.port, await KINDS[kind](drawFor(scene.seed, turn), scene.target));
  scene.ledger.answered('garbage', hit.status, performance.now() - began);
  const fault = faultOf(hit);
  if (fault !== undefined) scene.ledger.fail(`garbage, ${kind}, turn ${turn}: ${fault}`);
};

/** How many of each are at it at the same time. */
export const CAST: readonly (readonly [name: string, actor: Actor, many: number])[] = [
  ['read', read, 6],
  ['write', write, 2],
  ['list', list, 1],
  ['stream', stream, 2],
  ['hang up', hangUp, 1],
  ['session', session, 2],
  ['sign-in', signIn, 1],
  ['garbage', garbage, 2],
];
