/** The page on which a person confirms or declines one call. All that it shows is escaped, and cannot hide anything. */
import type { ConfirmView, SignedOutView } from '../auth/account/views.ts';
import { hostText, plainText } from '../core/text.ts';
import { documentOf, Layout } from './layout.tsx';

/** Characters of arguments shown; a row keeps no more. */
const MAX_ARGUMENTS = 4000;

/** In: what waits and for whom. Out: the document with both answers. */
export function confirmPage(view: ConfirmView): string {
  return documentOf(
    <Layout title="Confirm" footer="Only this call, once, within 10 minutes. Texts and secrets are not shown in full.">
      <h1>Shall this be done?</h1>
      <p>
        <strong>
          <bdi>{plainText(view.question, 500)}</bdi>
        </strong>
      </p>
      <dl>
        <dt>Application</dt>
        <dd>
          <bdi>{plainText(view.clientName, 60) || 'An unnamed application'}</bdi>
        </dd>
        <dt>Acts as</dt>
        <dd>{plainText(view.login, 100)}</dd>
        <dt>Tool</dt>
        <dd>
          <code>{plainText(view.toolName, 100)}</code>
        </dd>
        <dt>Arguments</dt>
        <dd>
          <code>
            <bdi>{plainText(view.arguments, MAX_ARGUMENTS)}</bdi>
          </code>
        </dd>
      </dl>
      <form method="post" action={`${view.base}/confirm/${view.id}`}>
        <input type="hidden" name="form_token" value={view.formToken} />
        <p class="actions">
          <button type="submit" name="answer" value="yes" class="primary">
            Confirm
          </button>{' '}
          <button type="submit" name="answer" value="no">
            Decline
          </button>
        </p>
      </form>
    </Layout>,
  );
}

/** In: where the person signs in. Out: the document for a browser in which nobody is signed in. */
export function signInToConfirmPage({ base, githubHost }: Pick<SignedOutView, 'base' | 'githubHost'>): string {
  return documentOf(
    <Layout title="Confirm">
      <h1>Somebody has to confirm this</h1>
      <p>An application wants to do something in your name. Sign in to see what it is.</p>
      <p class="actions">
        <a class="button primary" href={`${base}/account/sign-in`}>
          Sign in at {hostText(githubHost)}
        </a>
      </p>
    </Layout>,
  );
}
