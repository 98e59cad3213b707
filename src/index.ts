/** What the platform sees. No logic here. */
import { app } from './app.ts';

export { Gate } from './objects/gate.ts';
export { Registry } from './objects/registry.ts';
export { Session } from './objects/session.ts';
export { Writer } from './objects/writer.ts';

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
