/** What every page has around its content. Works without scripts and without anything from elsewhere. */

import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { STYLE } from './style.ts';

interface LayoutProps {
  readonly title: string;
  readonly children: Child;
  readonly footer?: Child;
  /** A stylesheet besides that of every page: constant, its hash in the policy of the answer. */
  readonly style?: string;
}

/** In: title (plain text), content, footer. Out: the elements of a whole document, without the doctype. */
export function Layout({ title, children, footer, style }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · Gatehouse`}</title>
        <style>{raw(STYLE)}</style>
        {style !== undefined && <style>{raw(style)}</style>}
      </head>
      <body>
        <header class="brand">
          <Mark />
          Gatehouse
        </header>
        <main>{children}</main>
        {footer !== undefined && <footer>{footer}</footer>}
      </body>
    </html>
  );
}

/** A gate: two towers and an arch. */
function Mark() {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d="M3 21V5h2v2h2V5h2v3h6V5h2v2h2V5h2v16h-6v-5a3 3 0 0 0-6 0v5z" />
    </svg>
  );
}

/** In: a page's elements; none of them waits for anything. Out: the document as text. */
export function documentOf(page: { toString(): string | Promise<string> }): string {
  const html = page.toString();
  if (typeof html !== 'string') throw new TypeError('A page must not wait for anything.');
  return `<!doctype html>${html}`;
}
