/** The floor: a Worker without MCP, which asks upstream once and answers JSON. */
import { GITHUB_API_URL, list } from './tools.ts';

interface Asked {
  readonly id: number;
  readonly method: string;
}

export default {
  async fetch(request) {
    const { id, method } = (await request.json()) as Asked;
    if (method === 'tools/list') return Response.json({ jsonrpc: '2.0', id, result: list });
    const answer = await fetch(`${GITHUB_API_URL}/repos/acme/web/issues/1`, { headers: { 'user-agent': 'bare' } });
    return Response.json({ jsonrpc: '2.0', id, result: { structuredContent: await answer.json() } });
  },
} satisfies ExportedHandler;
