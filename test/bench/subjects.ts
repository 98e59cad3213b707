/** Who is measured, and against whom. */
import type { Era } from './requests.ts';

export interface Subject {
  readonly title: string;
  readonly era: Era;
  /** Source of a peer in `workers/`; the gate itself has none. */
  readonly worker?: string;
  /** Whether its token is bound to a key (DPoP). */
  readonly bound?: boolean;
  /** Lines of its wrangler.toml besides name, entry and runtime. */
  readonly bindings?: string;
}

const object = (binding: string, className: string) => `[[durable_objects.bindings]]
name = "${binding}"
class_name = "${className}"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["${className}"]`;

const KV = '[[kv_namespaces]]\nbinding = "OAUTH_KV"\nid = "oauth"';

export const SUBJECTS = {
  bare: { title: 'bare Worker, no MCP', era: 'modern', worker: 'bare.ts' },
  handler: { title: 'bare MCP handler', era: 'modern', worker: 'handler.ts' },
  pattern: { title: "Cloudflare's documented pattern", era: 'modern', worker: 'pattern.ts', bindings: KV },
  'pattern-lean': { title: 'that pattern, our lean server', era: 'modern', worker: 'pattern-lean.ts', bindings: KV },
  gate: { title: 'Gatehouse, modern era', era: 'modern' },
  'gate-dpop': { title: 'Gatehouse with DPoP', era: 'modern', bound: true },
  'mcp-agent': {
    title: 'McpAgent',
    era: 'session',
    worker: 'mcp-agent.ts',
    bindings: object('AGENT', 'BenchAgent'),
  },
  session: {
    title: "Gatehouse's sessions alone",
    era: 'session',
    worker: 'session.ts',
    bindings: object('SESSION', 'BenchSession'),
  },
  'gate-session': { title: 'Gatehouse, sessions', era: 'session' },
} as const satisfies Readonly<Record<string, Subject>>;

export type Name = keyof typeof SUBJECTS;
export const NAMES = Object.keys(SUBJECTS) as readonly Name[];

/** Connections of the throughput slices; as many sessions are open for them. */
export const CONNECTIONS = 16;

export function subjectOf(name: Name): Subject {
  return SUBJECTS[name];
}

/** Whether it needs the built gate rather than a Worker of its own. */
export function isGate(name: Name): boolean {
  return subjectOf(name).worker === undefined;
}
