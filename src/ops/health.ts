/** Whether this isolate answers. Says nothing about the world behind it. */
export function health(): Response {
  return Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } });
}
