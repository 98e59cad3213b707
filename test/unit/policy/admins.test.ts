import { expect, it } from 'vitest';
import { isAdmin } from '../../../src/policy/admins.ts';

it.each([
  ['named and on the list', ['octocat'], ['octocat'], [], 'OctoCat', true],
  ['named, and of an organisation', ['octocat'], [], ['acme'], 'octocat', true],
  ['named, but off the list', ['octocat'], ['hubot'], [], 'octocat', false],
  ['named, where nobody may sign in', ['octocat'], [], [], 'octocat', false],
  ['on the list only', ['hubot'], ['octocat'], [], 'octocat', false],
  ['a part of a name', ['octocat'], ['octo'], [], 'octo', false],
  ['where nobody is', [], ['octocat'], ['acme'], 'octocat', false],
])('%s', (_, admins, users, orgs, login, expected) => {
  expect(isAdmin({ admins, allowed: { users, orgs } }, login)).toBe(expected);
});
