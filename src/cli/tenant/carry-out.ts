/** Carries out what `npm run tenant` is told: reads, checks by the Worker's own rules, seals, writes. */
import { settingsIn } from '../../tenants/row.ts';
import type { SealingKey } from '../../tenants/secrets.ts';
import { sealSecret } from '../../tenants/secrets.ts';
import { UserError } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { doubtsIn } from '../settings.ts';
import type { Order } from './edit.ts';
import { assertValid, merged, needsSecret } from './edit.ts';
import type { TenantEntry, TenantTable } from './table.ts';

export interface TenantDesk {
  readonly table: Pick<TenantTable, 'all' | 'one' | 'add' | 'replace'>;
  /** Asks for what to seal to. Only called where there is a secret. */
  readonly sealingKey: () => Promise<SealingKey>;
  /** A client secret from the environment, if there is one. */
  readonly clientSecret: string | undefined;
  /** Asks the person, in the dark; undefined where nobody sits at a terminal. */
  readonly ask: ((name: string, secret: boolean) => Promise<string>) | undefined;
  /** Origin of the gate, for what is printed. */
  readonly publicUrl: string;
  /** Whether the gate has a bucket for the archive. */
  readonly archive: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** One line for the person. */
  readonly say: (line: string) => void;
}

/** Throws a UserError; nothing is written then. */
export async function carryOut(order: Order, desk: TenantDesk): Promise<void> {
  const { action, tenant } = order;
  if (action === 'list') return list(await desk.table.all(), desk);
  const before = await desk.table.one(tenant);
  if (action === 'add') {
    if (before !== undefined) throw new UserError(`There is a tenant ${tenant}: npm run tenant -- set ${tenant} …`);
    const entry = await edited(
      { id: tenant, settings: '{}', client_secret: null, disabled: 0, updated_at: '' },
      order,
      desk,
    );
    if (!(await desk.table.add(entry))) throw new UserError(`There is a tenant ${tenant} by now.`);
    return told(entry, desk);
  }
  if (before === undefined) throw new UserError(`There is no tenant ${tenant}. npm run tenant -- list shows all.`);
  const entry =
    action === 'set'
      ? await edited(before, order, desk)
      : { ...before, disabled: action === 'disable' ? 1 : 0, updated_at: stamp(desk, before) };
  if (!(await desk.table.replace(entry, before.updated_at))) {
    throw new UserError(`Somebody changed ${tenant} meanwhile, and nothing was written. Run it again.`);
  }
  told(entry, desk);
}

async function edited(before: TenantEntry, { settings: typed }: Order, desk: TenantDesk): Promise<TenantEntry> {
  if (Object.keys(typed).length === 0 && desk.clientSecret === undefined) {
    throw new UserError(`Say what to set: npm run tenant -- set ${before.id} SETTING=VALUE`);
  }
  const known = settingsIn(before.settings);
  if (known === undefined) throw new UserError(`The settings of ${before.id} are no JSON object of texts.`);
  const settings = merged(known as Settings, typed);
  const needed = needsSecret(settings);
  const secret = needed ? await secretFor(before, desk) : undefined;
  assertValid(before.id, settings, needed && (secret !== undefined || before.client_secret !== null));
  const sealed =
    secret === undefined ? before.client_secret : await sealSecret(await desk.sealingKey(), before.id, secret);
  return {
    ...before,
    settings: JSON.stringify(settings),
    client_secret: needed ? sealed : null,
    updated_at: stamp(desk, before),
  };
}

/** What is typed or in the environment; undefined where the sealed one stays, or there is none. */
async function secretFor({ client_secret: kept }: TenantEntry, desk: TenantDesk): Promise<string | undefined> {
  if (desk.clientSecret !== undefined) return desk.clientSecret;
  if (kept !== null || desk.ask === undefined) return undefined;
  const typed = (await desk.ask('GITHUB_CLIENT_SECRET', true)).trim();
  return typed === '' ? undefined : typed;
}

/** Always another than before: what was read is recognised by it. */
function stamp({ now }: TenantDesk, { updated_at: before }: TenantEntry): string {
  return new Date(Math.max(now(), Date.parse(before) + 1 || 0)).toISOString();
}

function told({ id, disabled, settings }: TenantEntry, { publicUrl, archive, say }: TenantDesk): void {
  if (disabled !== 0) {
    say(`${id} is switched off. A gate that runs refuses everything of it within 30 seconds, tokens and sessions too.`);
    return;
  }
  say(
    `${id} is stored. A gate that runs goes by it within 30 seconds, without a restart, and by what was before until then.`,
  );
  say(`MCP URL:                     ${publicUrl}/t/${id}/mcp`);
  say(`Callback URL for GitHub:     ${publicUrl}/t/${id}/callback`);
  for (const doubt of doubtsIn(settingsIn(settings) ?? {}, { archive })) say(`Note: ${doubt}`);
}

function list(entries: readonly TenantEntry[], { publicUrl, say }: TenantDesk): void {
  if (entries.length === 0) say('There is no tenant besides default.');
  for (const { id, settings, client_secret, disabled, updated_at } of entries) {
    const [key] = client_secret?.split('.') ?? [];
    say(`${id}: ${disabled === 0 ? 'active' : 'disabled'}, ${publicUrl}/t/${id}/mcp, changed ${updated_at}`);
    say(`  GitHub application: ${key === undefined ? 'of the deployment' : `its own, secret sealed with ${key}`}`);
    for (const [name, value] of Object.entries(settingsIn(settings) ?? {})) say(`  ${name}=${value}`);
  }
}
