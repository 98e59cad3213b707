/**
 * What `BROWSER` names while a program under test runs: opens the authorization URL as the person's browser would, signs
 * in without a screen, and goes where the gate sends it, which is the program's own listener.
 *
 * In: the URL as its argument.
 */
import { signIn } from '../../../src/cli/sign-in.ts';
import { ticks } from './host.ts';

const { redirect } = await signIn(new URL(process.argv[2] ?? ''), { choose: ticks });
const answer = await fetch(redirect);
if (!answer.ok) throw new Error(`The program answered its own redirect with ${answer.status}`);
