/**
 * Parts of packages that this gate never reaches, but no bundler can tell: methods of a class that is used, statements
 * that fill a table nobody reads. Each was looked at in exactly the version named here. A build fails with another
 * version, where what is named is not there, and where source of ours would reach it: look again, then change the list.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import type { ESTree } from 'rolldown/utils';
import { parseSync, Visitor } from 'rolldown/utils';

export interface Unused {
  readonly package: string;
  readonly version: string;
  /** Why it is never reached. */
  readonly because: string;
  /** What would reach it, in source of ours. */
  readonly reachedBy: RegExp;
  /** Methods by their class. In the bundle each throws, should it be called after all. */
  readonly methods?: Readonly<Record<string, readonly string[]>>;
  /** Functions of a module, declared in it or held by a constant anywhere in it. In the bundle each throws, as methods do. */
  readonly functions?: readonly string[];
  /** Classes that are only asked whether something is one of theirs. Nothing is: their members go. */
  readonly classes?: readonly string[];
  /** Statements of a module, by how they begin. */
  readonly statements?: readonly string[];
}

export const UNUSED: readonly Unused[] = [
  {
    package: '@cloudflare/workers-oauth-provider',
    version: '1.2.3',
    because:
      'the token endpoint refuses these grant types before, as `src/auth/server.ts` switches neither on; ' +
      'clients register themselves, and the store drops by itself what has expired',
    reachedBy:
      /\b(enterpriseManagedAuthorization|allowTokenExchangeGrant|exchangeToken)\b|\.(createClient|updateClient|listClients|deleteClient|purgeExpiredData)\b/,
    methods: {
      OAuthProviderImpl: [
        // RFC 7523 assertions of an enterprise's identity provider.
        'handleJwtBearerGrant',
        'runEmaPipeline',
        'verifyAssertionSignature',
        'issueEmaAccessToken',
        // RFC 8693.
        'handleTokenExchangeGrant',
        'exchangeToken',
        'resolveTokenExchangeResource',
      ],
      OAuthHelpersImpl: ['createClient', 'updateClient', 'listClients', 'deleteClient', 'purgeExpiredData'],
    },
  },
  {
    package: '@modelcontextprotocol/server',
    version: '2.4.0',
    because:
      '`src/mcp/server.ts` builds on `Server`; schemas by name are for those who import `specTypeSchemas`; ' +
      '`src/mcp/lanes.ts` asks for scopes and keeps the eras apart before the SDK sees a request; nothing is logged to a client',
    reachedBy:
      /\b(new McpServer|extends McpServer|specTypeSchemas|isSpecType|scopeChallenge)\b|legacy: 'stateless'|\.(createElicitationCompletionNotifier|sendLoggingMessage)\b/,
    methods: { Server: ['createElicitationCompletionNotifier', 'sendLoggingMessage'] },
    functions: ['createScopeChallengeResponse', 'createLegacyStatelessFallback'],
    classes: ['McpServer'],
    statements: [
      'for (const key of SPEC_SCHEMA_KEYS) register(',
      'for (const [key, schema] of Object.entries(authSchemas)) register(',
    ],
  },
  {
    package: 'hono',
    version: '4.13.19',
    because: 'no application of another framework is put into `src/app.ts`; forms are read as the runtime reads them',
    reachedBy: /\.mount\(|\breq\.parseBody\b/,
    methods: { Hono: ['mount'], HonoRequest: ['parseBody'] },
  },
  {
    package: 'zod',
    version: '4.6.7',
    because: 'it makes functions of strings, which no Worker may: zod looks for that first, and does without',
    reachedBy: /\bz\.compile\b/,
    functions: ['generateFastpass'],
  },
];

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Cut extends Span {
  readonly name: string;
  /** What stands there instead. */
  readonly by: string;
}

const HERE = 'src/cli/bundle/unused.ts';

/** Leaves a list out of a build, and fails the build where something on it is not found once. */
export function leaveOut(list: readonly Unused[]): Plugin {
  const found = new Map<string, number>();
  return {
    name: 'leave-out',
    buildStart: () => found.clear(),
    async transform(code, id) {
      if (!id.includes('/node_modules/')) return void assertUnreached(list, code, id);
      const entry = list.find((one) => id.includes(`/node_modules/${one.package}/`));
      if (entry === undefined || !names(entry).some((name) => code.includes(name))) return null;
      await assertVersion(entry, id);
      let left = code;
      for (const { name, start, end, by } of cuts(entry, code).sort((a, b) => b.start - a.start)) {
        left = left.slice(0, start) + by + left.slice(end);
        found.set(`${entry.package} ${name}`, (found.get(`${entry.package} ${name}`) ?? 0) + 1);
      }
      return { code: left };
    },
    buildEnd(error) {
      if (error !== undefined) return;
      for (const entry of list) {
        for (const name of names(entry)) {
          const times = found.get(`${entry.package} ${name}`) ?? 0;
          if (times !== 1) throw new Error(`${entry.package} has ${times} times what ${HERE} leaves out: ${name}`);
        }
      }
    },
  };
}

function names({ methods = {}, functions = [], classes = [], statements = [] }: Unused): string[] {
  return [...Object.values(methods).flat(), ...functions, ...classes, ...statements];
}

async function assertVersion(entry: Unused, id: string): Promise<void> {
  const root = id.slice(0, id.indexOf(`/node_modules/${entry.package}/`));
  const path = join(root, 'node_modules', entry.package, 'package.json');
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
  if (version === entry.version) return;
  throw new Error(`${HERE} was written for ${entry.package} ${entry.version}, this is ${version}: is it still true?`);
}

function assertUnreached(list: readonly Unused[], code: string, id: string): void {
  for (const entry of list) {
    const [reached] = entry.reachedBy.exec(code) ?? [];
    if (reached !== undefined) throw new Error(`${id} has ${reached}, which reaches what ${HERE} leaves out`);
  }
}

function cuts(entry: Unused, code: string): Cut[] {
  const found: Cut[] = [];
  const { program } = parseSync('module.js', code);
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type !== 'Identifier' || init?.type !== 'ArrowFunctionExpression') return;
      if (entry.functions?.includes(id.name)) found.push({ ...spanOf(init.body), name: id.name, by: LEFT_OUT });
    },
  }).visit(program);
  for (const statement of program.body) {
    const { start, end } = statement;
    const begun = entry.statements?.find((text) => code.startsWith(text, start));
    if (begun !== undefined) found.push({ name: begun, start, end, by: '' });
    if (statement.type === 'FunctionDeclaration' && statement.body !== null) {
      const { name = '' } = statement.id ?? {};
      if (entry.functions?.includes(name)) found.push({ ...spanOf(statement.body), name, by: LEFT_OUT });
    }
    if (statement.type !== 'VariableDeclaration') continue;
    for (const { id, init } of statement.declarations) {
      if (id.type !== 'Identifier' || init?.type !== 'ClassExpression') continue;
      if (entry.classes?.includes(id.name)) found.push({ ...spanOf(init.body), name: id.name, by: '{}' });
      for (const { name, body } of methodsOf(init.body)) {
        if (entry.methods?.[id.name]?.includes(name)) found.push({ ...spanOf(body), name, by: LEFT_OUT });
      }
    }
  }
  return found;
}

const LEFT_OUT = "{ throw new Error('left out of this build'); }";

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

function methodsOf({ body }: ESTree.ClassBody): { name: string; body: Span }[] {
  return body.flatMap((member) =>
    member.type === 'MethodDefinition' && member.key.type === 'Identifier' && member.value.body !== null
      ? [{ name: member.key.name, body: member.value.body }]
      : [],
  );
}
