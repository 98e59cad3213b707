/** The page on which a person sees what is connected in their name, and takes it back. */
import type { AccountNotice, AccountView, ConnectionView, SignedOutView } from '../auth/account/views.ts';
import { hostText, plainText } from '../core/text.ts';
import { agoText, dateText } from './dates.ts';
import { documentOf, Layout } from './layout.tsx';

const NOTICES: Readonly<Record<AccountNotice, string>> = {
  revoked: 'Access was taken back. It ends with the next call of the application.',
  revoked_all: 'All access was taken back. It ends with the next call of each application.',
  signed_out: 'You are signed out of this page. Applications stay connected.',
  nothing: 'There was nothing to take back: that connection is gone already.',
};

/** In: who is signed in and what is connected. Out: the document, with a form for each thing that can be done. */
export function accountPage(view: AccountView): string {
  const count = view.connections.length;
  return documentOf(
    <Layout
      title="Your connections"
      footer={`At most ${perSeconds(view.limits.client)} for each application, ${perSeconds(view.limits.user)} for all of yours together. Times are in UTC.`}
    >
      <div class="titled">
        <h1>Your connections</h1>
        <Form action="/account/sign-out" view={view}>
          <button type="submit" class="small">
            Sign out
          </button>
        </Form>
      </div>
      <Notice notice={view.notice} />
      <p>
        {count === 0 ? 'No application can' : count === 1 ? 'One application can' : `${count} applications can`} use
        GitHub as <strong>{plainText(view.login, 100)}</strong> through this server.
      </p>
      {view.connections.map((connection) => (
        <Connected connection={connection} view={view} />
      ))}
      {count > 1 && (
        <details class="closing">
          <summary>Take back all access</summary>
          <p>Each of the {count} applications has to ask you again before it can go on.</p>
          <Form action="/account/revoke" view={view}>
            <button type="submit" name="all" value="yes" class="danger">
              Revoke all {count}
            </button>
          </Form>
        </details>
      )}
    </Layout>,
  );
}

/** In: where the person signs in. Out: the document for a browser in which nobody is signed in. */
export function signedOutPage({ base, githubHost, notice }: SignedOutView): string {
  return documentOf(
    <Layout title="Your connections">
      <h1>Your connections</h1>
      <Notice notice={notice} />
      <p>See which applications can use GitHub as you through this server, and take access back.</p>
      <p>
        This only asks who you are: no application gets access by it. You stay signed in here for eight hours, or until
        you sign out.
      </p>
      <p class="actions">
        <a class="button primary" href={`${base}/account/sign-in`}>
          Sign in at {hostText(githubHost)}
        </a>
      </p>
    </Layout>,
  );
}

function Notice({ notice }: { notice: AccountNotice | undefined }) {
  if (notice === undefined) return null;
  return (
    <p class="notice" role="status">
      {NOTICES[notice]}
    </p>
  );
}

function Connected({ connection, view }: { connection: ConnectionView; view: AccountView }) {
  const name = plainText(connection.client.name, 60) || 'An unnamed application';
  const { clientDomain, redirectHost, repositories, bound, createdAt, usedAt } = connection;
  return (
    <section class="connection" aria-label={name}>
      <h2>
        <bdi>{name}</bdi>
      </h2>
      <dl>
        <dt>Published by</dt>
        <dd>
          {clientDomain === undefined ? (
            'nobody known: it registered itself, its name is not verified'
          ) : (
            <>
              <strong>{hostText(clientDomain)}</strong> (verified domain)
            </>
          )}
        </dd>
        {redirectHost !== undefined && (
          <>
            <dt>Access went to</dt>
            <dd>
              <bdi>{hostText(redirectHost)}</bdi>
            </dd>
          </>
        )}
        <dt>It may</dt>
        <dd>
          <Scopes connection={connection} />
        </dd>
        <dt>Repositories</dt>
        <dd>
          {repositories === undefined ? (
            'all that you can reach'
          ) : (
            <>
              only{' '}
              {repositories.map((repository, i) => (
                <>
                  {i > 0 && ', '}
                  <code>{plainText(repository, 200)}</code>
                </>
              ))}
            </>
          )}
        </dd>
        <dt>Bound to a key</dt>
        <dd>{bound ? 'yes: a stolen token is of no use elsewhere' : 'no'}</dd>
        <dt>Connected</dt>
        <dd>
          <When at={createdAt} now={view.now} />
        </dd>
        <dt>Last used</dt>
        <dd>{usedAt === undefined ? 'not yet' : <When at={usedAt} now={view.now} />}</dd>
      </dl>
      <Form action="/account/revoke" view={view}>
        <button type="submit" name="grant" value={connection.grantId} class="danger" aria-label={`Revoke ${name}`}>
          Revoke
        </button>
      </Form>
    </section>
  );
}

function Scopes({ connection: { scopes } }: { connection: ConnectionView }) {
  if (scopes.length === 0) return <>nothing any more</>;
  return (
    <ul class="plain">
      {scopes.map(({ title, dangerous }) => (
        <li>{dangerous ? <strong class="danger">{title}</strong> : title}</li>
      ))}
    </ul>
  );
}

function Form({ action, view, children }: { action: string; view: AccountView; children: unknown }) {
  return (
    <form method="post" action={`${view.base}${action}`}>
      <input type="hidden" name="form_token" value={view.formToken} />
      {children}
    </form>
  );
}

function When({ at, now }: { at: number; now: number }) {
  return (
    <time datetime={new Date(at).toISOString()}>
      {dateText(at)} <span class="soft">({agoText(at, now)})</span>
    </time>
  );
}

function perSeconds({ count, seconds }: AccountView['limits']['client']): string {
  return `${count} calls in ${seconds} seconds`;
}
