/** What somebody sees who is not signed in, or is no administrator: nothing of the log, and not who is one. */
import type { MessageView } from '../../auth/views.ts';
import { hostText } from '../../core/text.ts';
import { documentOf, Layout } from '../layout.tsx';
import { messagePage } from '../message.tsx';
import { htmlResponse } from '../respond.ts';

/** In: where people sign in, the path of the tenant's part of the gate. */
export function signInPage(githubHost: string, base: string): Response {
  return htmlResponse(
    documentOf(
      <Layout title="Console">
        <h1>Console</h1>
        <p>The audit log of this server, for its administrators.</p>
        <p class="actions">
          <a class="button primary" href={`${base}/account/sign-in`}>
            Sign in at {hostText(githubHost)}
          </a>
        </p>
      </Layout>,
    ),
  );
}

/** A page that says one thing. */
export function sayPage(view: MessageView): Response {
  return htmlResponse(messagePage(view), { status: view.status });
}
