/** Loopback ports: finding, taking and giving back. */
import { randomInt } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { UserError } from './errors.ts';

/**
 * Ports to choose from, below those that systems give to connections that go out (from 32768 on Linux, 49152 elsewhere):
 * one of these would be taken by any of them before the caller listens.
 */
const FIRST = 20_000;
const LAST = 32_000;
const TRIES = 100;

/** A port nobody listens on now. Another process that looks for one may still take it before the caller does. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
  throw new UserError(`None of ${TRIES} ports between ${FIRST} and ${LAST} is free.`);
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await listen(probe, port, 'PORT');
  } catch {
    return false;
  }
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return true;
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
