/** Which sessions a gate takes for open: nothing that it was not told, and not for longer than it was told. */
import { expect, it } from 'vitest';
import { OpenSessions } from '../../src/gate/open-sessions.ts';

it('a session is open from when its object says so until that is over, or it ends', () => {
  const sessions = new OpenSessions();
  expect(sessions.isOpen('a', 0)).toBe(false);
  sessions.opened('a', 100);
  expect(sessions.isOpen('a', 99)).toBe(true);
  expect(sessions.isOpen('a', 100)).toBe(false);
  expect(sessions.isOpen('b', 99)).toBe(false);
  sessions.opened('a', 200);
  expect(sessions.isOpen('a', 100)).toBe(true);
  sessions.ended('a');
  expect(sessions.isOpen('a', 100)).toBe(false);
});

it('of more than a thousand the one that was longest not heard of is forgotten', () => {
  const sessions = new OpenSessions();
  for (let i = 0; i < 1000; i++) sessions.opened(String(i), 100);
  sessions.opened('0', 100);
  sessions.opened('one more', 100);
  expect(sessions.isOpen('0', 1)).toBe(true);
  expect(sessions.isOpen('1', 1)).toBe(false);
  expect(sessions.isOpen('2', 1)).toBe(true);
  expect(sessions.isOpen('one more', 1)).toBe(true);
});
