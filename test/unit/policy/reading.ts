/**
 * Three ways to read a search query, written apart from the gate: what GitHub does today with issues, the same by a
 * parser that is generous about operators, and the older searches, in which places add up wherever they stand.
 */

/** A hit: where it is, and which words it holds. */
export interface Hit {
  readonly owner: string;
  readonly repo: string;
  readonly has: (word: string) => boolean;
}

const TOKEN = /\s*(\(|\)|-(?=\()|(?:"[^"]*"|[^\s()"])+)/gy;

function tokensOf(query: string): string[] {
  return [...query.matchAll(TOKEN)].map((match) => match[1] ?? '');
}

/** The place that a word names, or undefined. */
function placeOf(word: string): { minus: boolean; at: (hit: Hit) => boolean } | undefined {
  const [, minus, kind = '', quoted, bare] = /^(-?)(repo|org|user):(?:"([^"]*)"|(.*))$/i.exec(word) ?? [];
  if (minus === undefined) return undefined;
  const [owner = '', repo = ''] = (quoted ?? bare ?? '').toLowerCase().split('/');
  const ofOwner = (hit: Hit) => hit.owner === owner;
  const at = kind.toLowerCase() === 'repo' ? (hit: Hit) => ofOwner(hit) && hit.repo === repo : ofOwner;
  return { minus: minus === '-', at };
}

function matches(word: string, hit: Hit): boolean {
  const place = placeOf(word);
  return place === undefined ? hit.has(word) : place.at(hit) !== place.minus;
}

/** Operators between words, parentheses, a space for AND. `generous`: operators in any case, `|` too. */
export function readBoolean(query: string, hit: Hit, generous: boolean): boolean {
  const source = generous ? query.replace(/"[^"]*"|\|+/g, (part) => (part.startsWith('|') ? ' OR ' : part)) : query;
  const tokens = tokensOf(source);
  let at = 0;
  const is = (operator: string) => (generous ? tokens[at]?.toUpperCase() : tokens[at]) === operator;
  const either = (): boolean => {
    let found = all();
    while (is('OR')) {
      at++;
      found = all() || found;
    }
    return found;
  };
  const all = (): boolean => {
    let found = true;
    while (at < tokens.length && tokens[at] !== ')' && !is('OR')) {
      if (is('AND')) at++;
      else found = one() && found;
    }
    return found;
  };
  const one = (): boolean => {
    if (is('NOT') || tokens[at] === '-') {
      at++;
      return !one();
    }
    if (tokens[at] !== '(') return matches(tokens[at++] ?? '', hit);
    at++;
    const found = either();
    at++;
    return found;
  };
  let found = either();
  // What follows a parenthesis too many: a parser that goes on reads it as another branch.
  while (at < tokens.length) {
    at++;
    found = either() || found;
  }
  return found;
}

/** Whether the places of a query, as filters that add up, let a hit through. Without any, the search is everywhere. */
export function readFilters(query: string, hit: Hit): boolean {
  const places = tokensOf(query).map(placeOf);
  const positive = places.filter((place) => place !== undefined && !place.minus);
  return positive.length === 0 || positive.some((place) => place?.at(hit));
}
