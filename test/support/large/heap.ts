/** What an isolate of workerd holds, as its inspector tells. */

/** In: the address of an isolate's inspector. Out: a meter that samples until it is stopped. */
export async function heapMeter(address: string) {
  const socket = new WebSocket(address);
  await new Promise((open, fail) => {
    socket.onopen = open;
    socket.onerror = fail;
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  };
  let last = 0;
  const send = async (method: string): Promise<unknown> =>
    await new Promise((answer) => {
      last += 1;
      waiting.set(last, answer);
      socket.send(JSON.stringify({ id: last, method }));
    });
  const used = async () => {
    const usage = (await send('Runtime.getHeapUsage')) as Record<string, number>;
    return (usage.usedSize ?? 0) + (usage.embedderHeapUsedSize ?? 0) + (usage.backingStorageSize ?? 0);
  };
  return {
    /** In: some work. Out: its result, and the most bytes in use meanwhile, garbage that was not yet collected included. */
    async during<T>(work: () => Promise<T>): Promise<{ result: T; peak: number; samples: number }> {
      let peak = 0;
      let samples = 0;
      let running = true;
      const sampling = (async () => {
        while (running) {
          peak = Math.max(peak, await used());
          samples += 1;
        }
      })();
      const result = await work();
      running = false;
      await sampling;
      return { result, peak, samples };
    },
    close: () => socket.close(),
  };
}
