/** Loopback ports: finding, taking and giving back. */
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { UserError } from './errors.ts';

/** A port nobody listens on now. Another process may still take it before the caller does. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await listen(probe, 0, 'PORT');
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

/** Listens on 127.0.0.1. In: the environment variable that moves this port, for the error. */
export function listen(server: Server, port: number, variable: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(new UserError(`Port ${port} is in use. Set ${variable} to another one, or to 0 for any free one.`));
      } else if (error.code === 'EACCES') {
        reject(new UserError(`Port ${port} needs more rights. Set ${variable} to one above 1023.`));
      } else reject(error);
    });
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

/** Closes at once, requests under way included. */
export function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
