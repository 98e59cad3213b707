/** What the platform sees. No logic here. */
import { app } from './app.ts';
import { scheduled } from './ops/scheduled.ts';

export { Gate } from './objects/gate.ts';
export { Registry } from './objects/registry.ts';
export { Session } from './objects/session.ts';
export { Writer } from './objects/writer.ts';

export default { fetch: app.fetch, scheduled } satisfies ExportedHandler<Env>;
