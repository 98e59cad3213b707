/** A page that says one thing: what happened, and what to do. */
import type { MessageView } from '../auth/views.ts';
import { plainText } from '../core/text.ts';
import { documentOf, Layout } from './layout.tsx';

/** Out: the document. Title and lines may hold text of others: shown escaped, on one line each, clipped. */
export function messagePage(view: MessageView): string {
  const title = plainText(view.title, 120);
  return documentOf(
    <Layout
      title={title}
      footer={
        <>
          Status {view.status}. When you ask the administrator, name this request: <code>{view.requestId}</code>
        </>
      }
    >
      <h1>{title}</h1>
      {view.lines.map((line) => (
        <p>
          <bdi>{plainText(line, 300)}</bdi>
        </p>
      ))}
      {view.link !== undefined && (
        <p class="actions">
          <a class="button" href={view.link.href}>
            {view.link.text}
          </a>
        </p>
      )}
    </Layout>,
  );
}
