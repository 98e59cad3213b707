/** Standard output belongs to the protocol: a single other word there breaks the connection (MCP basic/transports, stdio). */

/** From here on whatever is logged, by any part of ours, goes to standard error. */
export function sayOnStderr(): void {
  const say = console.error.bind(console);
  for (const level of ['log', 'info', 'debug'] as const) console[level] = say;
}
