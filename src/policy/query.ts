/**
 * A search query as tokens, read so strictly that GitHub cannot read it otherwise: what leaves room for two readings is
 * refused. Only for queries under a limit; all others go to GitHub as they are. Pure.
 */
import type { Result } from '../core/result.ts';
import { err, ok } from '../core/result.ts';

export interface Token {
  readonly kind: 'word' | '(' | ')';
  /** A word with its quotes, or the parenthesis. */
  readonly text: string;
  /** Parentheses around it. */
  readonly depth: number;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
}

/** Characters that show nothing or turn the text, and half surrogates. White space is not among them. */
const UNSEEN = /[\p{Cf}\p{Cs}\p{Co}\p{Cn}]|(?!\s)\p{Cc}/u;
/** GitHub lets five stand inside one another ("Filtering and searching issues"); one pair may be ours. */
const DEEPEST = 4;
/** A quote stands alone or after a qualifier; inside a word, some parsers begin another word there. */
const QUOTED_WORD = /^-?(?:[\w.-]+:)?"[^"]*"$/;

/**
 * In: a query. Out: its tokens in order, quotes and parentheses matched, operators between two operands. Or the rule it
 * breaks, to follow "The query".
 */
export function tokensOf(query: string): Result<readonly Token[], string> {
  if (UNSEEN.test(query)) return err('must not contain invisible characters.');
  if (query.includes('\\')) return err('must not contain a backslash: it could hide a quote.');
  const tokens: Token[] = [];
  let depth = 0;
  let word = '';
  let quoted = false;
  let spaced = false;
  const add = (kind: Token['kind'], text: string) => {
    if (text === '') return;
    tokens.push({ kind, text, depth, spaced });
    spaced = false;
  };
  const endWord = () => {
    add('word', word);
    word = '';
  };
  for (const character of query) {
    if (character === '"') quoted = !quoted;
    if (quoted || !/[\s()]/.test(character)) {
      word += character;
      continue;
    }
    endWord();
    if (character === ')') depth--;
    if (depth < 0) return err('closes a parenthesis that it did not open.');
    if (character === '(' || character === ')') add(character, character);
    else spaced = true;
    if (character === '(') depth++;
    if (depth > DEEPEST) return err(`has more than ${DEEPEST} parentheses inside one another.`);
  }
  endWord();
  if (quoted) return err('has a quote without its partner.');
  if (depth > 0) return err('has a parenthesis without its partner.');
  if (tokens.some(({ text }) => text.includes('"') && !QUOTED_WORD.test(text)))
    return err('has a quote inside a word.');
  const problem = operatorProblem(tokens);
  return problem === undefined ? ok(tokens) : err(problem);
}

/** `OR`, `AND` or `NOT` as a word of its own, outside quotes. Their case is not looked at unless a caller does. */
export function operatorOf(token: Token): string | undefined {
  return /^(and|or|not)$/i.test(token.text) ? token.text.toUpperCase() : undefined;
}

/** An operator as GitHub documents it: in capitals. */
export function isOperator(token: Token): boolean {
  return operatorOf(token) === token.text;
}

/** Whether a token says that one of several things will do: `OR` in any case, or the sign of other query languages. */
export function saysEither(token: Token): boolean {
  return operatorOf(token) === 'OR' || token.text.replace(/"[^"]*"/, '').includes('|');
}

/** An operator without an operand is read differently from parser to parser. */
function operatorProblem(tokens: readonly Token[]): string | undefined {
  for (const [index, token] of tokens.entries()) {
    if (!isOperator(token)) continue;
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    const opens = before === undefined || before.kind === '(' || isOperator(before);
    if (token.text !== 'NOT' && opens) return `has nothing before one ${token.text}.`;
    const followed = after !== undefined && after.kind !== ')' && (!isOperator(after) || after.text === 'NOT');
    if (!followed || (token.text === 'NOT' && isOperator(after))) return `has nothing after one ${token.text}.`;
  }
  return undefined;
}
