/** The page on which a person decides what a client may do. Every string on it may be an attacker's. */
import type { ConsentView } from '../auth/views.ts';
import { hostText, plainText } from '../core/text.ts';
import { documentOf, Layout } from './layout.tsx';

type Scope = ConsentView['scopes'][number];

const GROUPS: readonly { readonly group: Scope['group']; readonly title: string }[] = [
  { group: 'see', title: 'See what this server offers' },
  { group: 'read', title: 'Read at GitHub, as you' },
  { group: 'write', title: 'Change things at GitHub, as you' },
];

/** In: what the sign-in knows about the request. Out: the document, a form that posts to /authorize. */
export function consentPage(view: ConsentView): string {
  const name = plainText(view.clientName, 100) || 'An unnamed application';
  const githubHost = hostText(view.githubHost);
  return documentOf(
    <Layout
      title="Allow access?"
      footer={
        <>
          You can take access back at any time: remove the connection in the application, or revoke it on{' '}
          <a href={`${view.base}/account`}>your account page</a>. Everything it does here is recorded for the
          administrators of this server.
        </>
      }
    >
      <h1>
        Allow “<bdi>{plainText(name, 50)}</bdi>” to use GitHub as you?
      </h1>
      <WhoAsks view={view} name={name} />
      <form method="post" action={`${view.base}/authorize`}>
        <input type="hidden" name="handle" value={view.handle} />
        {GROUPS.map(({ group, title }) => (
          <Group group={group} title={title} scopes={view.scopes.filter((scope) => scope.group === group)} />
        ))}
        <Repositories view={view} />
        <Remember />
        <p class="soft closing">
          Nothing here goes beyond what your own GitHub account may do. Next you sign in at{' '}
          <strong>{githubHost}</strong>.
        </p>
        <div class="actions">
          <button class="primary" type="submit" name="decision" value="approve">
            Allow and sign in
          </button>
          <button type="submit" name="decision" value="deny">
            Deny
          </button>
        </div>
      </form>
    </Layout>,
  );
}

function WhoAsks({ view, name }: { view: ConsentView; name: string }) {
  return (
    <>
      <dl>
        <dt>Access goes to</dt>
        <dd class="host">
          <bdi>{hostText(view.redirectHost)}</bdi>
          {view.redirectIsLoopback && ' (this computer)'}
        </dd>
        <dt>Who is asking</dt>
        <dd>
          {view.clientDomain === undefined ? (
            <>
              <bdi>{name}</bdi>: this application registered itself, its name is not verified
            </>
          ) : (
            <>
              <bdi>{name}</bdi>, published by <strong>{hostText(view.clientDomain)}</strong> (verified domain)
            </>
          )}
        </dd>
      </dl>
      {view.redirectIsLoopback && (
        <div class="warning" role="note">
          <p>
            Access goes to a program <strong>on the computer you are using now</strong>. Any program there can call
            itself “<bdi>{plainText(name, 50)}</bdi>”. Go on only if you just started this sign-in yourself.
          </p>
        </div>
      )}
    </>
  );
}

/**
 * What was asked for, ticked, then what could also be granted, unticked. The latter is folded away where it only reads;
 * changes stay in sight, because some clients cannot ask for more once they are connected.
 */
function Group({ group, title, scopes }: { group: Scope['group']; title: string; scopes: readonly Scope[] }) {
  const asked = scopes.filter((scope) => scope.requested);
  const others = scopes.filter((scope) => !scope.requested);
  if (scopes.length === 0) return null;
  return (
    <fieldset>
      <legend>{title}</legend>
      {asked.map((scope) => (
        <ScopeBox scope={scope} />
      ))}
      {others.length > 0 && (
        <details open={group === 'write'}>
          <summary>Not asked for; tick what you want to allow as well ({others.length})</summary>
          {others.map((scope) => (
            <ScopeBox scope={scope} />
          ))}
        </details>
      )}
    </fieldset>
  );
}

/** Left empty is every repository; what is entered is shown again with what is wrong about it. */
function Repositories({ view }: { view: ConsentView }) {
  const { repositories, problem } = view;
  return (
    <fieldset>
      <legend>
        <label for="repositories">Limit it to repositories, if you want</label>
      </legend>
      {problem !== undefined && (
        <p class="danger" role="alert" id="repositories-problem">
          {plainText(problem, 300)}
        </p>
      )}
      <input
        class="text"
        type="text"
        id="repositories"
        name="repositories"
        value={plainText(repositories, 25_000)}
        placeholder="acme/web, acme/*"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        autofocus={problem !== undefined}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? 'repositories-rule' : 'repositories-problem repositories-rule'}
      />
      <p class="soft" id="repositories-rule">
        Name <code>owner/repository</code>, or <code>owner/*</code> for all of an owner, with commas between. Left
        empty, it reaches every repository that you can. Under a limit, notifications, gists and teams are refused, and
        searches of all of GitHub are narrowed or refused.
      </p>
    </fieldset>
  );
}

function Remember() {
  return (
    <label class="scope closing">
      <input type="checkbox" name="remember" value="yes" />
      <span>
        Do not ask again in this browser for these permissions
        <span class="name">
          For 30 days, or until you take access back. You are still asked where you limit repositories, and where a
          program on this computer may change things.
        </span>
      </span>
    </label>
  );
}

function ScopeBox({ scope }: { scope: Scope }) {
  return (
    <label class="scope">
      <input type="checkbox" name="scope" value={scope.name} checked={scope.requested} />
      <span>
        {scope.title}
        <span class="name">
          <code>{scope.name}</code>
          {scope.dangerous && <strong class="danger">can change things</strong>}
        </span>
      </span>
    </label>
  );
}
