/** What stands around each page of the console, and the parts that several of them have. */
import type { Child } from 'hono/jsx';
import { evidenceText, plainText } from '../../core/text.ts';
import { documentOf, Layout } from '../layout.tsx';
import { htmlResponse } from '../respond.ts';
import { CONSOLE_STYLE, CONSOLE_STYLE_HASH } from './style.ts';

/** Who looks at what, for the frame. */
export interface Frame {
  /** Path of the tenant's part of the gate, without a trailing slash: empty for the default tenant. */
  readonly base: string;
  readonly tenant: string;
  readonly login: string;
  readonly formToken: string;
}

/** In: the frame, a title, which page it is, its content. Out: the answer. */
export function framed(
  frame: Frame,
  title: string,
  at: 'rows' | 'overview' | 'row',
  content: Child,
  status = 200,
): Response {
  const { base, tenant, login, formToken } = frame;
  const html = documentOf(
    <Layout
      title={title}
      style={CONSOLE_STYLE}
      footer={`Tenant ${tenant}. All times are in UTC. Each page you open here, and each export, is a row of the log itself.`}
    >
      <nav aria-label="Console">
        <a href={`${base}/console`} aria-current={at === 'rows' ? 'page' : undefined}>
          Rows
        </a>
        <a href={`${base}/console/overview`} aria-current={at === 'overview' ? 'page' : undefined}>
          Overview
        </a>
        <span class="who soft">
          <a href={`${base}/account`}>{plainText(login, 100)}</a>
        </span>
        <form method="post" action={`${base}/account/sign-out`}>
          <input type="hidden" name="form_token" value={formToken} />
          <button type="submit" class="small">
            Sign out
          </button>
        </form>
      </nav>
      <h1>{title}</h1>
      {content}
    </Layout>,
  );
  return htmlResponse(html, { status, formTargets: 'self', styleHash: CONSOLE_STYLE_HASH });
}

/** Text of others in one line: all of it that fits, unseen characters as their names, its direction its own. */
export function Text({ text, max = 80 }: { text: string; max?: number }) {
  return <bdi>{evidenceText(text, max)}</bdi>;
}

/** A cell of a table that becomes a card on a phone. */
export function Cell({ label, kind, children }: { label: string; kind?: string; children?: Child }) {
  return (
    <td data-label={label} class={kind}>
      {children}
    </td>
  );
}

/** `2026-11-24 16:30:05.123` of a timestamp. */
export function timeText(timestamp: string): string {
  return timestamp.replace('T', ' ').replace('Z', '');
}

/** Milliseconds for people: `850 ms`, `1.2 s`, `2 min`. */
export function spanText(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 100_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}
