import * as z from 'zod';
import { defineTool } from '../define.ts';
import { lean } from '../lean.ts';
import { upstreamAccount } from '../upstream.ts';

export const getMe = defineTool({
  name: 'get_me',
  title: 'Get my user profile',
  description: 'Get the GitHub account behind this connection, for "me", "my" or a login that is missing.',
  toolset: 'context',
  access: 'read',
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({}),
  output: z.object({
    login: z.string(),
    id: z.int(),
    name: z.string().optional(),
    email: z.string().optional(),
    company: z.string().optional(),
    location: z.string().optional(),
    blog: z.string().optional(),
    bio: z.string().optional(),
    html_url: z.string().optional(),
    created_at: z.string().optional().describe('ISO 8601, UTC'),
    public_repos: z.int().optional(),
    total_private_repos: z.int().optional(),
    followers: z.int().optional(),
    following: z.int().optional(),
  }),
  async run(_args, { github }) {
    const { data } = await github.request('GET /user', {}, upstreamAccount);
    return { data: lean(data) };
  },
});
