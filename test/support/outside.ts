/** What the Worker under test finds on the internet: the documents of `client.dev`, and a count of who was asked for what. */
const counts = new Map<string, number>();

const GOOD = {
  client_id: 'https://client.dev/good.json',
  client_name: 'A client of its own',
  redirect_uris: ['https://client.dev/cb'],
  token_endpoint_auth_method: 'none',
};

/** Answers every request that leaves the Worker. */
export async function outside(url: string): Promise<{ status: number; body: string; type: string }> {
  const { hostname, pathname, searchParams } = new URL(url);
  if (hostname === 'count.dev')
    return { status: 200, body: String(counts.get(searchParams.get('path') ?? '') ?? 0), type: 'text/plain' };
  counts.set(pathname, (counts.get(pathname) ?? 0) + 1);
  const json = (value: unknown) => ({ status: 200, body: JSON.stringify(value), type: 'application/json' });
  if (hostname !== 'client.dev') return { status: 404, body: '', type: 'text/plain' };
  if (pathname === '/good.json') return json(GOOD);
  if (pathname === '/other.json') return json({ ...GOOD, client_id: 'https://elsewhere.dev/c.json' });
  if (pathname === '/huge.json')
    return json({ ...GOOD, client_id: `https://client.dev${pathname}`, filler: 'x'.repeat(9000) });
  if (pathname === '/not.json') return { status: 200, body: '<html>', type: 'text/html' };
  return { status: 404, body: '', type: 'text/plain' };
}
