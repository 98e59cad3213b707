/** Questions to the person at the terminal. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

const QUESTIONS: Readonly<Record<string, string>> = {
  GITHUB_CLIENT_ID: 'Client ID of the GitHub app',
  GITHUB_CLIENT_SECRET: 'Client secret of the GitHub app (not shown)',
  ALLOWED_USERS: 'GitHub logins that may sign in, separated by commas',
};

/** In: the name of a setting; whether what is typed stays dark. Out: the line that was typed. */
export async function askAtTerminal(name: string, secret: boolean): Promise<string> {
  const question = `${QUESTIONS[name] ?? name}: `;
  // The terminal would show what is typed: where that must not be, its output goes nowhere.
  const dark = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: secret ? dark : process.stdout, terminal: true });
  if (secret) process.stdout.write(question);
  try {
    return await lines.question(secret ? '' : question);
  } finally {
    lines.close();
    if (secret) process.stdout.write('\n');
  }
}
