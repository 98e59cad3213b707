/** What a gate answers that lacks its settings: one clear list, in the shape the caller can read. */
import type { ConfigProblem } from '../config.ts';
import { pathOf } from '../core/url.ts';
import { documentOf, Layout } from './layout.tsx';
import { htmlResponse } from './respond.ts';

/** Settings that the deploy command makes up and stores itself. */
const MADE_BY_DEPLOY = new Set(['PUBLIC_URL', 'SECRET_KEY']);

const SUMMARY = 'This server lacks settings and answers nothing until it has them.';

/** In: one setting. Out: the command that sets it, to be typed in the project's folder. */
export function commandFor(variable: string): string {
  return MADE_BY_DEPLOY.has(variable) ? 'npm run deploy' : `npx wrangler secret put ${variable}`;
}

/** In: what is missing or wrong; never holds a value. Out: the document for a person. */
export function setupPage(problems: readonly ConfigProblem[]): string {
  return documentOf(
    <Layout title="Not set up yet" footer="Status 503. Names and rules of settings are shown here, never their values.">
      <h1>This gate is not set up yet</h1>
      <p>
        {problems.length === 1 ? 'One setting is' : `${problems.length} settings are`} missing or wrong. Until then it
        answers nothing else. In the folder you deploy from, run:
      </p>
      {problems.map(({ variable, rule }) => (
        <section>
          <h2>
            <code>{variable}</code> {rule}
          </h2>
          {rule !== 'is missing' && <p class="soft">Change it where it was set, or set it with:</p>}
          <pre>
            <code>{commandFor(variable)}</code>
          </pre>
        </section>
      ))}
      <p class="soft">A setting counts from the next request on; reload this page.</p>
    </Layout>,
  );
}

/** The same as data: `{ error, error_description, settings }`. */
export function setupProblemJson(problems: readonly ConfigProblem[]) {
  const settings = problems.map(({ variable, rule }) => ({ variable, rule, command: commandFor(variable) }));
  const list = problems.map(({ variable, rule }) => `${variable} ${rule}`).join('; ');
  return { error: 'temporarily_unavailable', error_description: `${SUMMARY} ${list}.`, settings };
}

/** In: any request, the problems. Out: 503 as a page, as a JSON-RPC error (MCP endpoints), or as JSON. */
export function setupResponse(request: Request, problems: readonly ConfigProblem[]): Response {
  const pathname = pathOf(request.url);
  const body = setupProblemJson(problems);
  if (pathname.endsWith('/mcp') || (request.method === 'POST' && pathname === '/')) {
    const data = { code: 'not_set_up', hint: 'Tell the administrator of this server.', settings: body.settings };
    return asJson({ jsonrpc: '2.0', id: null, error: { code: -32603, message: body.error_description, data } });
  }
  const wantsHtml = (request.headers.get('accept') ?? '').includes('text/html');
  return wantsHtml ? htmlResponse(setupPage(problems), { status: 503 }) : asJson(body);
}

function asJson(body: object): Response {
  return Response.json(body, { status: 503, headers: { 'cache-control': 'no-store' } });
}
