/** The way to the gate whose log is audited: what its Writers say, and a month of the archive back. */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import type { LogSources } from '../../audit/audit-log.ts';
import type { Restored } from '../../audit/segment-file.ts';
import type { ChainProof } from '../../audit/verify.ts';
import { UserError } from '../errors.ts';

/** Where the gate is reached. */
export interface GateAddress {
  /** Where to connect: an origin. */
  readonly origin: string;
  /** What `Host` says where that is another one, such as the name of a tunnel. */
  readonly host?: string;
  /** The setting AUDIT_TOKEN of that gate. */
  readonly token: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** The part of the sources of an audit that the gate is. Rejects with a UserError where it does not answer as it should. */
export function gateSources(address: GateAddress): Pick<LogSources, 'chains' | 'tags'> {
  return {
    chains: async () => {
      const { body } = await ask(address, 'GET', '/audit/chains');
      return (JSON.parse(body.toString()) as { chains: ChainProof[] }).chains;
    },
    tags: async (chain, from) => {
      const { headers, body } = await ask(
        address,
        'GET',
        `/audit/tags?${new URLSearchParams({ chain, from: String(from) })}`,
      );
      return { first: Number(headers['x-first-row']), tags: body };
    },
  };
}

/** Restores one segment of a chain's month, the first after row number `after`. */
export async function restoreSegment(
  address: GateAddress,
  chain: string,
  month: string,
  after: number,
): Promise<Restored> {
  const query = new URLSearchParams({ chain, month, after: String(after) });
  const { body } = await ask(address, 'POST', `/audit/restore?${query}`);
  return JSON.parse(body.toString()) as Restored;
}

async function ask({ origin, host, token }: GateAddress, method: string, path: string): Promise<Answer> {
  const url = new URL(path, origin);
  const headers = { authorization: `Bearer ${token}`, ...(host !== undefined && { host }) };
  const answer = await new Promise<Answer>((resolve, reject) => {
    const send = url.protocol === 'https:' ? secure : plain;
    const sent = send(url, { method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  }).catch((error: Error) => {
    throw new UserError(`The gate at ${origin} does not answer: ${error.message}`);
  });
  if (answer.status === 200) return answer;
  throw new UserError(
    `The gate at ${origin} answered ${method} ${url.pathname} with ${answer.status}: ${reason(answer)}`,
  );
}

function reason({ body }: Answer): string {
  const text = body.toString().slice(0, 500);
  try {
    const { error_description: description } = JSON.parse(text) as { error_description?: unknown };
    return typeof description === 'string' ? description : text;
  } catch {
    return text;
  }
}
