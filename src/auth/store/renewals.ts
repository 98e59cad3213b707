/**
 * Upstream tokens that GitHub has renewed and the grant does not have yet. GitHub's refresh token is good once: were the
 * next one lost between there and the saving of the grant, because the object dies or something later is refused, the
 * sign-in would have to be made again. Sealed under the tokens that it replaces, which only the grant knows.
 */
import { createHash } from 'node:crypto';
import type { UpstreamToken } from '../github-token.ts';
import type { Renewals } from '../upstream.ts';
import { openUnder, sealUnder } from './sealed.ts';
import type { Vault } from './vault.ts';

/** Milliseconds: a grant that is not used for as long is gone itself. */
const KEEP_MS = 31 * 24 * 60 * 60 * 1000;
const PURPOSE = 'upstream renewal';
/** Access tokens that live at the same time; a list has no more in one page. */
const MOST_TOKENS = 1000;

/** Those of one grant. In: where they are kept, the prefix of the keys of the grant's access tokens. */
export function renewalsIn(vault: Vault, tokens: string): Renewals {
  return {
    async get(replaced) {
      const sealed = vault.answer(nameOf(replaced));
      return sealed === undefined
        ? undefined
        : (JSON.parse(await openUnder(secretOf(replaced), PURPOSE, sealed)) as UpstreamToken);
    },
    async put(replaced, next) {
      const sealed = await sealUnder(secretOf(replaced), PURPOSE, JSON.stringify(next));
      vault.transact(() => {
        vault.keepAnswer({ id: nameOf(replaced), sealed, milliseconds: KEEP_MS });
        for (const { name } of vault.list(tokens, MOST_TOKENS).keys) vault.delete(name);
      });
    },
  };
}

/** GitHub may give the same refresh token again: both together are another pair each time. */
function secretOf({ token, refreshToken }: UpstreamToken): string {
  return JSON.stringify([token, refreshToken]);
}

/** Names the tokens without being them. */
function nameOf(replaced: UpstreamToken): string {
  return `renewal:${createHash('sha256').update(secretOf(replaced)).digest('base64url')}`;
}
