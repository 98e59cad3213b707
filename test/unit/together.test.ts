/** Admissions that go together: each gets its own answer, and gets it also where those it goes with do not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Together } from '../../src/gate/together.ts';

interface Asked {
  readonly questions: readonly string[];
  readonly again: boolean;
  answer(): void;
  fail(): void;
}

/** What was asked of the gates, to be answered by hand; and time, which passes by hand, too. */
function gates() {
  const asked: Asked[] = [];
  const timers = new Set<() => void>();
  let now = 0;
  const after = (_: number, work: () => void) => {
    timers.add(work);
    return () => timers.delete(work);
  };
  const together = new Together<string, string>(after, () => now);
  const at = (time: number) => {
    now = time;
  };
  const ask = (question: string, gate = 'one') =>
    together.ask(gate, question, (questions, again) => {
      return new Promise((resolve, reject) => {
        const answer = () => resolve(questions.map((text) => `${text}!`));
        asked.push({ questions, again, answer, fail: () => reject(new Error('no gate')) });
      });
    });
  const later = () => {
    for (const work of [...timers]) {
      timers.delete(work);
      work();
    }
  };
  return { asked, ask, at, later, timers, questions: () => asked.map(({ questions }) => questions) };
}

it('who asks alone is asked for at once, and what comes meanwhile goes together', async () => {
  const { asked, ask, timers, questions } = gates();
  const answers = [ask('a'), ask('b'), ask('c')];
  expect(questions()).toEqual([['a']]);
  asked[0]?.answer();
  await sleep(0);
  expect(questions()).toEqual([['a'], ['b', 'c']]);
  answers.push(ask('d'));
  asked[1]?.answer();
  await sleep(0);
  asked[2]?.answer();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!']);
  expect(questions()).toEqual([['a'], ['b', 'c'], ['d']]);
  expect(timers.size).toBe(0);
  // Nobody asks any more: the next one goes at once.
  const next = ask('e');
  expect(questions().at(-1)).toEqual(['e']);
  asked.at(-1)?.answer();
  expect(await next).toBe('e!');
  expect(asked.some(({ again }) => again)).toBe(false);
});

it('gates have nothing to do with each other', () => {
  const { ask, questions } = gates();
  void ask('a', 'one');
  void ask('b', 'other');
  expect(questions()).toEqual([['a'], ['b']]);
});

it('where they fail together each is asked alone: only one of them may be what fails', async () => {
  const { asked, ask, questions } = gates();
  const [a, b, c] = [ask('a'), ask('b'), ask('c')];
  asked[0]?.answer();
  await sleep(0);
  asked[1]?.fail();
  await sleep(0);
  expect(questions().slice(2)).toEqual([['b'], ['c']]);
  expect(asked.slice(2).every(({ again }) => again)).toBe(true);
  asked[2]?.answer();
  asked[3]?.fail();
  expect(await Promise.all([a, b])).toEqual(['a!', 'b!']);
  await expect(c).rejects.toThrow('no gate');
});

it('a gate that could not be reached keeps nobody waiting', async () => {
  const { asked, ask, questions } = gates();
  const [a, b] = [ask('a'), ask('b')];
  asked[0]?.fail();
  await expect(a).rejects.toThrow('no gate');
  await sleep(0);
  expect(questions()).toEqual([['a'], ['b']]);
  asked[1]?.answer();
  expect(await b).toBe('b!');
});

it('where the request that asked has ended, what waits behind it is asked alone, and the way is free', async () => {
  const { asked, ask, later, questions } = gates();
  void ask('a');
  const [b, c] = [ask('b'), ask('c')];
  later();
  expect(questions()).toEqual([['a'], ['b'], ['c']]);
  const d = ask('d');
  expect(questions().at(-1)).toEqual(['d']);
  for (const one of asked) one.answer();
  expect(await Promise.all([b, c, d])).toEqual(['b!', 'c!', 'd!']);
  await sleep(0);
  expect(asked).toHaveLength(4);
});

it('where the request that took others along has ended, each is asked alone', async () => {
  const { asked, ask, later, questions } = gates();
  void ask('a');
  const [b, c] = [ask('b'), ask('c')];
  asked[0]?.answer();
  await sleep(0);
  later();
  expect(questions()).toEqual([['a'], ['b', 'c'], ['b'], ['c']]);
  for (const one of asked.slice(2)) one.answer();
  expect(await Promise.all([b, c])).toEqual(['b!', 'c!']);
});

it('who comes after a request that has ended does not wait for it', async () => {
  const { asked, ask, at, questions } = gates();
  void ask('a');
  at(999);
  void ask('b');
  at(1000);
  const c = ask('c');
  expect(questions()).toEqual([['a'], ['c']]);
  asked[1]?.answer();
  expect(await c).toBe('c!');
});

it('an object is not sent more at once than it takes', async () => {
  const { asked, ask, questions } = gates();
  const answers = Array.from({ length: 251 }, (_, i) => ask(String(i)));
  asked[0]?.answer();
  await sleep(0);
  for (const one of asked.slice(1)) one.answer();
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 251 }, (_, i) => `${i}!`));
  expect(questions().map(({ length }) => length)).toEqual([1, 100, 100, 50]);
});
