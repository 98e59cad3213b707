/** POST /token as it arrives at the Worker: on to the Gate of the person it names, or answered here. */
import type { Config } from '../config.ts';
import { tokenContext } from './context.ts';
import type { TokenRequest } from './store/once.ts';
import { answerElsewhere, grantNamedIn } from './token.ts';

/** There is no Gate for a code or token that was made up: it is refused here, and creates nothing. */
export async function answerToken(
  request: Request,
  env: Env,
  config: Config,
  requestId: string,
  ctx: object,
): Promise<Response> {
  const asked: TokenRequest = {
    url: request.url,
    headers: [...request.headers],
    body: new TextDecoder().decode(await request.arrayBuffer()),
    requestId,
  };
  const grant = grantNamedIn(asked.body, config);
  const answer =
    grant === undefined
      ? await answerElsewhere(asked, tokenContext(env, config, requestId), ctx as ExecutionContext)
      : await env.GATE.getByName(`${config.tenant}:${grant.userId}`).token(asked);
  const headers = answer.headers.map(([name, value]) => [name, value] as [string, string]);
  return new Response(answer.body, { status: answer.status, headers });
}
