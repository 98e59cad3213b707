/** Notifications and security alerts: what is asked of GitHub, what comes out, and what never does. */
import { describe, expect, it } from 'vitest';
import { type Answer, API, answering, json, rejection } from '../github/answering.ts';
import { call } from './calling.ts';
import { codeAlert, dependabotAlert, LEAKED, SHA, secretAlert, thread } from './operation-samples.ts';

const place = { owner: 'octo', repo: 'hello' };
const REPO = '/repos/octo/hello';

const ask = async (name: string, args: object, answer: Answer) => {
  const { github, asked } = answering(answer);
  const { structuredContent } = await call(github, name, args);
  return { data: structuredContent, asked };
};
const queryOf = (url: URL | undefined) => Object.fromEntries(url?.searchParams ?? []);

describe('notifications', () => {
  it('are listed, of everything or one repository, filtered', async () => {
    const other = thread('2', {
      subject: { title: 'CI failed', url: null, type: 'CheckSuite' },
      unread: false,
      last_read_at: '2026-01-02T00:00:00Z',
    });
    const { data, asked } = await ask('list_notifications', {}, () => json([thread('1'), other]));
    expect(data).toEqual({
      notifications: [
        {
          id: '1',
          repository: 'octo/hello',
          type: 'Issue',
          number: 12,
          title: 'It crashes',
          reason: 'mention',
          unread: true,
          updated_at: '2026-01-01T00:00:00Z',
        },
        {
          id: '2',
          repository: 'octo/hello',
          type: 'CheckSuite',
          title: 'CI failed',
          reason: 'mention',
          unread: false,
          updated_at: '2026-01-01T00:00:00Z',
          last_read_at: '2026-01-02T00:00:00Z',
        },
      ],
    });
    expect(asked[0]?.url.pathname).toBe('/notifications');
    expect(queryOf(asked[0]?.url)).toEqual({ page: '1', per_page: '30' });
    const args = {
      ...place,
      filter: 'include_read_notifications',
      since: '2026-01-01',
      before: '2026-02-01T00:00:00Z',
      page: 2,
      perPage: 5,
    };
    const one = await ask('list_notifications', args, () => json([]));
    expect(one.data).toEqual({ notifications: [] });
    expect(one.asked[0]?.url.pathname).toBe(`${REPO}/notifications`);
    expect(queryOf(one.asked[0]?.url)).toEqual({
      all: 'true',
      since: args.since,
      before: args.before,
      page: '2',
      per_page: '5',
    });
    const mine = await ask('list_notifications', { filter: 'only_participating' }, () => json([]));
    expect(queryOf(mine.asked[0]?.url)).toMatchObject({ participating: 'true' });
  });

  it('are read one by one, marked as read or done, or all at once', async () => {
    const one = await ask('get_notification_details', { notificationID: '77' }, () => json(thread('77')));
    expect(one.data).toMatchObject({ id: '77', number: 12 });
    expect(one.asked[0]?.url.pathname).toBe('/notifications/threads/77');
    for (const [state, method, status] of [
      ['read', 'PATCH', 205],
      ['done', 'DELETE', 204],
    ] as const) {
      const { data, asked } = await ask(
        'dismiss_notification',
        { threadID: '77', state },
        () => new Response(null, { status }),
      );
      expect(data).toEqual({ id: '77', state });
      expect(asked[0]).toMatchObject({ method });
    }
    const all = await ask(
      'mark_all_notifications_read',
      { lastReadAt: '2026-01-01T00:00:00Z' },
      () => new Response(null, { status: 205 }),
    );
    expect(all.data).toEqual({ marked_read: true });
    expect(all.asked[0]).toMatchObject({ method: 'PUT', body: { last_read_at: '2026-01-01T00:00:00Z', read: true } });
    const some = await ask('mark_all_notifications_read', place, () => json({ message: 'queued' }, 202));
    expect(some.data).toEqual({ marked_read: true, repository: 'octo/hello', in_progress: true });
    expect(some.asked[0]?.url.pathname).toBe(`${REPO}/notifications`);
  });

  it('cannot be had by a GitHub App, and the error says so', async () => {
    for (const [name, args] of [
      ['list_notifications', {}],
      ['get_notification_details', { notificationID: '1' }],
      ['dismiss_notification', { threadID: '1', state: 'read' }],
      ['mark_all_notifications_read', {}],
    ] as const) {
      const refused = ask(name, args, () => json({ message: 'Resource not accessible by integration' }, 403));
      expect(await rejection(refused)).toMatchObject({
        code: 'upstream_forbidden',
        hint: expect.stringContaining('OAuth app'),
      });
    }
  });

  it.each([
    ['list_notifications', { owner: 'octo' }, 'repo'],
    ['list_notifications', { since: 'yesterday' }, 'since'],
    ['mark_all_notifications_read', { repo: 'hello' }, 'owner'],
    ['get_notification_details', { notificationID: '../user' }, 'notificationID'],
    ['dismiss_notification', { threadID: '1', state: 'unread' }, 'state'],
  ])('%s refuses %j', async (name, args, field) => {
    const error = await rejection(ask(name, args, () => json([])));
    expect(error).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining(field) });
  });
});

describe('code scanning', () => {
  const summary = {
    number: 1,
    state: 'open',
    rule: 'js/xss',
    severity: 'high',
    description: 'Cross-site scripting',
    tool: 'CodeQL',
    message: 'Written unescaped.',
    path: 'src/a.ts',
    start_line: 3,
    ref: 'refs/heads/main',
    created_at: '2026-01-01T00:00:00Z',
  };

  it('lists alerts', async () => {
    const args = { ...place, state: 'open', severity: 'high', ref: 'main', tool_name: 'CodeQL' };
    const { data, asked } = await ask('list_code_scanning_alerts', args, () => json([codeAlert(1)]));
    expect(data).toEqual({ alerts: [summary] });
    expect(queryOf(asked[0]?.url)).toMatchObject({ state: 'open', severity: 'high', ref: 'main', tool_name: 'CodeQL' });
  });

  it('lists what is closed, for which GitHub has no word', async () => {
    const alerts = [codeAlert(1), codeAlert(2, { state: 'fixed' }), codeAlert(3, { state: 'dismissed' })];
    const { data, asked } = await ask('list_code_scanning_alerts', { ...place, state: 'closed' }, () => json(alerts));
    expect((data.alerts as { number: number }[]).map(({ number }) => number)).toEqual([2, 3]);
    expect(queryOf(asked[0]?.url).state).toBeUndefined();
  });

  it('gets one with its rule, cut where that is long', async () => {
    const answer = () => json(codeAlert(1, { dismissed_by: { login: 'mona' }, dismissed_reason: 'false positive' }));
    const { data } = await ask('get_code_scanning_alert', { ...place, alertNumber: 1 }, answer);
    expect(data).toMatchObject({
      ...summary,
      dismissed_by: 'mona',
      commit_sha: SHA,
      tags: ['security'],
      help: '# XSS\n\nEscape it.',
    });
    const long = codeAlert(1, { rule: { ...codeAlert(1).rule, help: 'Help.\n'.repeat(10_000) } });
    const cut = await ask('get_code_scanning_alert', { ...place, alertNumber: 1 }, () => json(long));
    expect(cut.data).toMatchObject({ truncated: true });
  });
});

describe('secret scanning', () => {
  it('says where a secret is, asks GitHub to hide it, and never shows it', async () => {
    const { data, asked } = await ask('list_secret_scanning_alerts', { ...place, state: 'open' }, () =>
      json([secretAlert(1)]),
    );
    expect(data).toEqual({
      alerts: [
        {
          number: 1,
          state: 'open',
          secret_type: 'some_key',
          secret_type_name: 'Some key',
          validity: 'active',
          publicly_leaked: true,
          push_protection_bypassed_by: 'mona',
          path: '.env',
          start_line: 2,
          commit_sha: SHA,
          more_locations: true,
          created_at: '2026-01-01T00:00:00Z',
        },
      ],
    });
    const one = await ask('get_secret_scanning_alert', { ...place, alertNumber: 1 }, () => json(secretAlert(1)));
    expect(JSON.stringify([data, one.data])).not.toContain(LEAKED);
    expect([asked[0], one.asked[0]].map((request) => queryOf(request?.url).hide_secret)).toEqual(['true', 'true']);
  });
});

describe('Dependabot', () => {
  it('lists alerts along GitHub’s cursor', async () => {
    const link = `<${API}${REPO}/dependabot/alerts?per_page=2&after=Y3Vyc29y>; rel="next"`;
    const args = { ...place, state: 'open', severity: 'high', perPage: 2 };
    const { data } = await ask('list_dependabot_alerts', args, () => json([dependabotAlert(1)], 200, { link }));
    expect(data).toEqual({
      alerts: [
        {
          number: 1,
          state: 'open',
          severity: 'high',
          package: 'left-pad',
          ecosystem: 'npm',
          manifest_path: 'package.json',
          scope: 'runtime',
          relationship: 'direct',
          ghsa_id: 'GHSA-aaaa-bbbb-cccc',
          cve_id: 'CVE-2026-1',
          summary: 'Pads too far',
          vulnerable_versions: '< 1.3.0',
          patched_version: '1.3.0',
          created_at: '2026-01-01T00:00:00Z',
        },
      ],
      next: { after: 'Y3Vyc29y' },
    });
    const next = await ask('list_dependabot_alerts', { ...args, after: 'Y3Vyc29y' }, () => json([]));
    expect(queryOf(next.asked[0]?.url)).toEqual({ state: 'open', severity: 'high', per_page: '2', after: 'Y3Vyc29y' });
    expect(next.data).toEqual({ alerts: [] });
  });

  it('asks for a shorter page where not all of it fits, so that the cursor is true', async () => {
    const advisory = { ...dependabotAlert(1).security_advisory, summary: 's'.repeat(900) };
    const { data, asked } = await ask('list_dependabot_alerts', { ...place, perPage: 100 }, ({ url }) => {
      const size = Number(url.searchParams.get('per_page'));
      const alerts = Array.from({ length: size }, (_, i) => dependabotAlert(i + 1, { security_advisory: advisory }));
      return json(alerts, 200, { link: `<${API}${REPO}/dependabot/alerts?after=c${size}>; rel="next"` });
    });
    const count = (data.alerts as unknown[]).length;
    expect(count).toBeGreaterThan(10);
    expect(data).toMatchObject({ truncated: true, next: { after: `c${count}` } });
    expect(asked).toHaveLength(2);
  });

  it('gets one with its advisory', async () => {
    const { data } = await ask('get_dependabot_alert', { ...place, alertNumber: 3 }, () => json(dependabotAlert(3)));
    expect(data).toMatchObject({
      number: 3,
      cvss: 7.5,
      cwes: ['CWE-400 Uncontrolled Resource Consumption'],
      description: '### Impact\n\nMemory.',
    });
  });
});

describe.each([
  ['list_code_scanning_alerts', {}],
  ['get_code_scanning_alert', { alertNumber: 1 }],
  ['list_secret_scanning_alerts', {}],
  ['get_secret_scanning_alert', { alertNumber: 1 }],
  ['list_dependabot_alerts', {}],
  ['get_dependabot_alert', { alertNumber: 1 }],
])('%s', (name, args) => {
  it('says what may be missing, and refuses what is no alert', async () => {
    const gone = ask(name, { ...place, ...args }, () => json({ message: 'no analysis found' }, 404));
    expect(await rejection(gone)).toMatchObject({
      code: 'upstream_not_found',
      hint: expect.stringContaining('account'),
    });
    const shapeless = ask(name, { ...place, ...args }, () => json([{ number: 'x' }]));
    expect(await rejection(shapeless)).toMatchObject({ code: 'upstream_malformed' });
    const wrong = ask(name, { ...place, ...args, alertNumber: 0, perPage: 101 }, () => json([]));
    expect(await rejection(wrong)).toMatchObject({ code: 'invalid_arguments' });
  });
});
