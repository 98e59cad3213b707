/** The forms of an HTML page, as far as a person with a mouse would use them. Not a general HTML parser. */

export interface Field {
  readonly name: string;
  readonly value: string;
  /** `hidden`, `text`, `checkbox`, `radio`, …; a textarea is `textarea`, a select is `select`. */
  readonly type: string;
  /** Whether it would be submitted if nobody touched it. */
  readonly on: boolean;
}

export interface Button {
  readonly name: string;
  readonly value: string;
}

export interface Form {
  readonly method: 'GET' | 'POST';
  /** Absolute. */
  readonly action: URL;
  readonly fields: readonly Field[];
  readonly buttons: readonly Button[];
}

const TAG = /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>|<(\/?)([a-z][a-z\d]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
const ATTRIBUTE = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;

interface Draft {
  method: 'GET' | 'POST';
  action: URL;
  fields: Field[];
  buttons: Button[];
}

/** In: a page and where it came from. Out: its forms in the order of the page; controls without a name are left out. */
export function formsOf(html: string, page: URL): Form[] {
  const forms: Draft[] = [];
  let open: Draft | undefined;
  for (const match of html.matchAll(TAG)) {
    const tag = match[3]?.toLowerCase();
    if (tag === undefined) continue;
    if (match[2] === '/') {
      if (tag === 'form') open = undefined;
      continue;
    }
    const attributes = attributesOf(match[4] ?? '');
    if (tag === 'form') {
      open = {
        method: attributes.get('method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
        action: new URL(attributes.get('action') || page.href, page),
        fields: [],
        buttons: [],
      };
      forms.push(open);
    } else if (open !== undefined && !attributes.has('disabled')) {
      addControl(open, tag, attributes, html.slice((match.index ?? 0) + match[0].length));
    }
  }
  return forms;
}

function addControl(form: Draft, tag: string, attributes: ReadonlyMap<string, string>, after: string): void {
  const name = attributes.get('name');
  const type = (attributes.get('type') ?? (tag === 'button' ? 'submit' : 'text')).toLowerCase();
  const value = attributes.get('value');
  const submits = type === 'submit' && (tag === 'button' || tag === 'input');
  if (submits) form.buttons.push({ name: name ?? '', value: value ?? '' });
  else if (name === undefined) return;
  else if (tag === 'input' && type !== 'button' && type !== 'reset') {
    const ticked = type === 'checkbox' || type === 'radio';
    form.fields.push({ name, type, value: value ?? (ticked ? 'on' : ''), on: !ticked || attributes.has('checked') });
  } else if (tag === 'textarea') {
    form.fields.push({ name, type: 'textarea', value: decode(/^[^<]*/.exec(after)?.[0] ?? '').trimStart(), on: true });
  } else if (tag === 'select') {
    const options = [...(/^[\s\S]*?(?=<\/select)/i.exec(after)?.[0] ?? '').matchAll(/<option\b([^>]*)>/gi)];
    const parsed = options.map((option) => attributesOf(option[1] ?? ''));
    const chosen = parsed.find((option) => option.has('selected')) ?? parsed[0];
    form.fields.push({ name, type: 'select', value: chosen?.get('value') ?? '', on: chosen !== undefined });
  }
}

/** What a submission of the form sends. In: which fields are on, if not those of the page; the button that was pressed. */
export function submission(form: Form, isOn: (field: Field) => boolean, button?: Button): URLSearchParams {
  const sent = new URLSearchParams();
  for (const field of form.fields) if (isOn(field)) sent.append(field.name, field.value);
  if (button !== undefined && button.name !== '') sent.append(button.name, button.value);
  return sent;
}

/** The words of a page, for an error that a person reads: no markup, at most 300 characters. */
export function textOf(html: string): string {
  const text = html.replace(/<head\b[\s\S]*?<\/head\s*>/i, ' ').replace(TAG, ' ');
  return decode(text).replace(/\s+/g, ' ').trim().slice(0, 300);
}

function attributesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single, bare] of text.matchAll(ATTRIBUTE)) {
    found.set(name.toLowerCase(), decode(double ?? single ?? bare ?? ''));
  }
  return found;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function decode(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|([a-z]+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      return String.fromCodePoint(hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal));
    },
  );
}
