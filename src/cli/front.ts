/**
 * The local stack's front door: passes bytes between people on loopback and workerd, and tells workerd when they leave.
 *
 * Stood in for Cloudflare's edge: workerd notices a closed connection only when it writes to it, so a caller who hangs up
 * before the answer begins would never abort the call. Here a caller's leaving resets the connection to workerd, which it
 * sees at once.
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { listen } from './ports.ts';

export interface Front {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * In: the port to listen on (0 for any free one), and a function that says where workerd listens by the time somebody
 * connects. Rejects with a UserError that names PORT when it is taken.
 */
export async function openFront(port: number, target: () => number): Promise<Front> {
  const open = new Set<Socket>();
  const pass = (client: Socket) => {
    const inner = connect(target(), '127.0.0.1');
    open.add(client);
    client.setNoDelay(true);
    inner.setNoDelay(true);
    client.on('error', () => undefined);
    inner.on('error', () => undefined);
    client.on('end', () => inner.resetAndDestroy());
    client.on('close', () => {
      open.delete(client);
      inner.resetAndDestroy();
    });
    inner.on('close', () => client.end());
    client.pipe(inner);
    inner.pipe(client);
  };
  const v4 = createServer(pass);
  await listen(v4, port, 'PORT');
  const servers = [v4];
  const taken = (v4.address() as AddressInfo).port;
  // Who resolves `localhost` to ::1 first must not end up at somebody else's server, nor wait.
  const v6 = createServer(pass);
  if (await listensOn(v6, taken)) servers.push(v6);
  return {
    port: taken,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => new Promise<void>((done) => server.close(() => done()))));
    },
  };
}

function listensOn(server: Server, port: number): Promise<boolean> {
  return new Promise((done) => {
    server.once('error', () => done(false));
    server.listen(port, '::1', () => done(true));
  });
}
