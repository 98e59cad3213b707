/**
 * Questions to one gate that come while another is under way there go together in the next one: a hop to the object costs
 * more than what it does. Who asks alone does not wait. The requests of one isolate share this, so each has to get on
 * without the others: any of them may end in the middle, and what it asked for the others with it.
 */

/** Milliseconds after which a question is asked alone, whatever became of those it was to go with. */
const ALONE_MS = 1000;
/** Questions that go together, at most: an object is sent 32 MiB at once. */
const MOST = 100;

/** Asks the gate, in the name of the request that calls it. `again`: it may have been asked before. Out: as many answers. */
export type Send<Question, Answer> = (questions: readonly Question[], again: boolean) => Promise<readonly Answer[]>;

interface Waiting<Question, Answer> {
  readonly question: Question;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Whether it has been asked alone. */
  late?: true;
  went?: { readonly answers: Promise<readonly Answer[]>; readonly place: number };
}

/** What is under way to a gate, and what goes next. */
interface Line<Question, Answer> {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Resolves when the gate has answered, or could not be reached. */
  readonly free: Promise<void>;
  readonly waiting: Waiting<Question, Answer>[];
}

export class Together<Question, Answer> {
  readonly #lines = new Map<string, Line<Question, Answer>>();
  readonly #after: (ms: number, work: () => void) => () => void;
  readonly #now: () => number;

  /** `after` does the work in so many milliseconds, unless what it gives back is called before. */
  constructor(after: (ms: number, work: () => void) => () => void = inTime, now: () => number = Date.now) {
    this.#after = after;
    this.#now = now;
  }

  /** In: the name of a gate; a question that may be asked twice. Rejects with what `send` rejects with for it alone. */
  async ask(gate: string, question: Question, send: Send<Question, Answer>): Promise<Answer> {
    const line = this.#lines.get(gate);
    // One that is too old is that of a request that has ended.
    if (line === undefined || this.#isOver(line)) return (await this.#go(gate, [question], send))[0] as Answer;
    const mine: Waiting<Question, Answer> = { question, since: this.#now() };
    line.waiting.push(mine);
    return await new Promise<Answer>((resolve, reject) => {
      const alone = () => send([question], true).then(([answer]) => resolve(answer as Answer), reject);
      // Also what the runtime sees this request wait for: one that waits only for others is taken for hung, and ended.
      const stop = this.#after(ALONE_MS, () => {
        mine.late = true;
        if (this.#lines.get(gate) === line) this.#lines.delete(gate);
        void alone();
      });
      void line.free.then(async () => {
        if (mine.late) return;
        const { answers, place } = mine.went ?? this.#takeAll(gate, line, mine, send);
        try {
          resolve((await answers)[place] as Answer);
          stop();
        } catch {
          stop();
          // It may have failed for another of them.
          if (!mine.late) void alone();
        }
      });
    });
  }

  #isOver({ since }: { readonly since: number }): boolean {
    return Math.abs(this.#now() - since) >= ALONE_MS;
  }

  /** Whoever comes first takes along those that wait, but for those that have been asked alone or that nobody waits for. */
  #takeAll(gate: string, line: Line<Question, Answer>, mine: Waiting<Question, Answer>, send: Send<Question, Answer>) {
    const { waiting } = line;
    waiting.splice(waiting.indexOf(mine), 1);
    const all = [mine, ...waiting.splice(0, MOST - 1).filter((one) => !one.late && !this.#isOver(one))];
    const answers = this.#go(
      gate,
      all.map(({ question }) => question),
      send,
    );
    for (const [place, one] of all.entries()) one.went = { answers, place };
    return { answers, place: 0 };
  }

  #go(gate: string, questions: readonly Question[], send: Send<Question, Answer>): Promise<readonly Answer[]> {
    const answers = send(questions, false);
    const end = () => {
      // Where somebody waits, the next line takes the place of this one.
      if (this.#lines.get(gate) === line && line.waiting.length === 0) this.#lines.delete(gate);
    };
    const line: Line<Question, Answer> = { since: this.#now(), free: answers.then(end, end), waiting: [] };
    this.#lines.set(gate, line);
    return answers;
  }
}

function inTime(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
