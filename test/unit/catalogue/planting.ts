/** Hidden text and tokens for the tests that neither gets out. */

export const INVISIBLE = '\u200b\u202e\u{e0049}\u{e0047}\u0007\u2066\ufeff\u00ad';
export const SECRET = 'PLANTED-HIDDEN-TEXT';
/** Looks like a token of GitHub, here with an invisible character inside; made up. */
export const TOKEN_SHAPE = `ghp_${'Planted1'.repeat(4)}`;
const TOKEN = ` ghp_\u200b${'Planted1'.repeat(4)} `;
const COMMENT = `<!-- ${SECRET} --><!-\u200b- ${SECRET} -->`;

/** Strings that the program itself reads; a person never sees them. */
const MACHINE = new Set(['content', 'encoding', 'type']);
/** Strings whose markup is their content: code, and names of files that have to stay what they are. */
const LITERAL = new Set(['patch', 'filename', 'previous_filename', 'path', 'manifest_path']);

/** Names of members that the program compares or takes apart, so that words behind their values would break them. */
const COMPARED = /^(?:state|login|reason|status|.*(?:[iI]d|[uU]rl))$/;

/** In: an answer of GitHub. Out: the same with something hidden in every string that people could have written. */
export function plant(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (MACHINE.has(key)) return value;
    const middle = Math.floor(value.length / 2);
    const planted = value.slice(0, middle) + INVISIBLE + value.slice(middle) + INVISIBLE;
    if (key === 'patch') return planted + TOKEN;
    return LITERAL.has(key) || /^(https?:|[\da-f]{40}$|\d{4}-)/.test(value)
      ? planted
      : planted + (COMPARED.test(key) ? '' : TOKEN) + COMMENT;
  }
  if (Array.isArray(value)) return value.map((item) => plant(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plant(member, name)]));
}
