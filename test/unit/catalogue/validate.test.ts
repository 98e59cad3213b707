import { describe, expect, it } from 'vitest';
import { toolByName, tools, validateArguments } from '../../../src/catalogue/index.ts';
import { listTool } from '../../../src/catalogue/listing.ts';
import { AppError } from '../../../src/core/errors.ts';

function refusal(name: string, args: unknown): AppError {
  const tool = toolByName(name);
  if (tool === undefined) throw new Error(name);
  try {
    validateArguments(tool, args);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

const place = { owner: 'octo', repo: 'hello' };
const create = { method: 'create', ...place, title: 't' };
const update = { method: 'update', ...place, issue_number: 1 };

describe('bad arguments are refused in a sentence that names field and rule', () => {
  it.each([
    ['get_me', { extra: 1 }, 'extra is not an argument of this call: it takes none.'],
    ['get_me', 'text', 'arguments must be an object.'],
    ['get_me', [], 'arguments must be an object.'],
    ['issue_read', {}, 'method is missing; owner is missing; repo is missing; issue_number is missing.'],
    [
      'issue_read',
      { method: 'delete', ...place, issue_number: '1' },
      'method must be one of get, get_comments, get_sub_issues, get_parent, get_labels; issue_number must be a whole number.',
    ],
    ['issue_read', { method: 'get', ...place, issue_number: 0 }, 'issue_number must be at least 1.'],
    ['issue_read', { method: 'get', ...place, issue_number: 1.5 }, 'issue_number must be a whole number.'],
    ['issue_read', { method: 'get', ...place, issue_number: 1, perPage: 101 }, 'perPage must be at most 100.'],
    [
      'issue_read',
      { method: 'get', owner: 'a/b', repo: 'c', issue_number: 1 },
      'owner must be a GitHub user or organization name.',
    ],
    [
      'issue_read',
      { method: 'get', owner: 'a', repo: '..', issue_number: 1 },
      'repo must not contain "." or ".." segments.',
    ],
    ['get_file_contents', { ...place, path: '../x' }, 'path must not contain "." or ".." segments.'],
    [
      'get_file_contents',
      { ...place, path: '/etc' },
      'path must be relative to the root of the repository, without a slash in front.',
    ],
    [
      'get_file_contents',
      { ...place, ref: 'a..b' },
      'ref must be a branch, tag or commit, not a range or an expression.',
    ],
    [
      'get_file_contents',
      { ...place, sha: 'main' },
      'sha must be a commit SHA, in full or at least 4 hexadecimal digits.',
    ],
    ['get_file_contents', { ...place, start_line: 9, end_line: 3 }, 'end_line must not be less than start_line.'],
    ['get_file_contents', { ...place, fields: ['bogus'] }, /^fields\[0\] must be one of type, name/],
    ['search_issues', { query: '' }, 'query must have at least 1 character.'],
    ['search_issues', { query: 'x', repo: 'r' }, 'owner is needed where repo is given.'],
    ['search_issues', { query: 'x is:pr' }, 'query must not ask for pull requests: this tool finds issues.'],
    ['search_issues', { query: 'x) OR (repo:a/b', ...place }, /^query must have matching quotes and parentheses/],
    ['search_issues', { query: '"x', ...place }, 'query must have matching quotes and parentheses.'],
    [
      'search_issues',
      { query: 'x repo:other/secret', ...place },
      'query must not name a repository or owner where the argument owner is given.',
    ],
    ['issue_write', { method: 'create', ...place }, 'title is needed for create.'],
    ['issue_write', { method: 'update', ...place, title: 'x' }, 'issue_number is needed for update.'],
    ['issue_write', update, 'method update needs something to change.'],
    ['issue_write', { ...create, state: 'closed' }, 'state is only for update: create the issue, then update it.'],
    ['issue_write', { ...create, issue_number: 1 }, 'issue_number is only for update.'],
    ['issue_write', { ...create, type: null }, 'type may be null only for update.'],
    ['issue_write', { ...update, state: 'open', state_reason: 'completed' }, 'state_reason needs state closed.'],
    [
      'issue_write',
      { ...update, state: 'closed', state_reason: 'duplicate' },
      'duplicate_of and state_reason duplicate need each other.',
    ],
    [
      'issue_write',
      { ...update, state: 'closed', state_reason: 'duplicate', duplicate_of: 1 },
      'duplicate_of must be another issue than issue_number.',
    ],
    [
      'issue_write',
      { ...create, issue_fields: [{ field_name: 'a', value: 1, delete: true }] },
      'issue_fields[0] needs exactly one of value, field_option_name or delete: true.',
    ],
    [
      'issue_write',
      { ...create, issue_fields: [{ field_name: 'a', value: 1, x: 1 }] },
      'issue_fields[0].x is not an argument of this call: issue_fields[0] takes field_name, value, field_option_name, delete.',
    ],
    ['issue_write', { ...create, labels: 'bug' }, 'labels must be a list.'],
  ])('%s %j', (name, args, message) => {
    const error = refusal(name, args);
    expect(error.code).toBe('invalid_arguments');
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  it('never repeats a value, bounds what it says, and gives the fields as data', () => {
    const secret = 'ghp_0123456789abcdef';
    const error = refusal('issue_write', {
      method: secret,
      owner: `${secret}/`,
      repo: secret.repeat(9),
      title: 7,
      body: [secret],
    });
    expect(error.message + JSON.stringify(error.details)).not.toContain(secret);
    expect(error.details?.fields).toContainEqual({ field: 'title', rule: 'must be a string' });
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`${index}\u202e${'x'.repeat(5000)}`, 1]),
    );
    const flooded = refusal('get_me', many);
    expect(flooded.message.length).toBeLessThan(1500);
    expect(flooded.message).not.toContain('\u202e');
    expect(flooded.message).toMatch(/and 492 more problems\.$/);
  });
});

describe('an error follows the schema that clients are shown', () => {
  const listed = tools.map((tool) => [tool.name, listTool(tool).inputSchema.properties ?? {}] as const);

  it.each(listed)('%s: what is an integer there must be a whole number here', (name, properties) => {
    const whole = Object.entries(properties).filter(([, schema]) => (schema as { type?: string }).type === 'integer');
    const { details } = refusal(name, { ...Object.fromEntries(whole.map(([field]) => [field, 'x'])), nothing: 1 });
    const fields = details?.fields as { field: string; rule: string }[];
    for (const [field] of whole) expect(fields).toContainEqual({ field, rule: 'must be a whole number' });
    expect(Object.values(properties)).not.toContainEqual(expect.objectContaining({ type: 'number' }));
  });

  it.each(listed)('%s: an argument too many is answered with those there are', (name, properties) => {
    const { message } = refusal(name, { nothing: 1, ...(name.startsWith('call_') && { arguments: {} }) });
    const taken = Object.keys(properties).join(', ') || 'none';
    expect(message).toContain(`nothing is not an argument of this call: it takes ${taken}`);
  });
});

describe('good arguments pass', () => {
  it.each([
    ['get_me', undefined],
    ['get_file_contents', { owner: 'Octo_corp', repo: '.github', path: '/', ref: 'feature/x' }],
    ['get_file_contents', { ...place, path: 'docs/', sha: 'ABCDEF1' }],
    ['search_issues', { query: 'crash "is:pr" -is:pr', sort: 'reactions-+1', fields: ['user', 'field_values'] }],
    ['issue_write', { ...update, state: 'closed', state_reason: 'duplicate', duplicate_of: 2 }],
    ['issue_write', { ...update, type: null }],
    ['issue_write', { ...update, body: '' }],
  ])('%s %j', (name, args) => {
    const tool = toolByName(name);
    expect(tool && validateArguments(tool, args)).toBeDefined();
  });

  it('a path loses the slash at its end, and the root becomes empty', () => {
    const tool = toolByName('get_file_contents');
    expect(tool && validateArguments(tool, { ...place, path: 'docs/' })).toMatchObject({ path: 'docs' });
    expect(tool && validateArguments(tool, { ...place, path: '/' })).toMatchObject({ path: '' });
  });
});
