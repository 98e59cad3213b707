/** What an audit found, in sentences. Pure. */
import type { ChainReport } from '../../audit/audit-log.ts';
import type { Finding } from '../../audit/verify.ts';

/** One line for each chain. */
export function lineOf({ proof, rows, finding }: ChainReport): string {
  const { chain_id, cut, head, sealed } = proof;
  const place = chain_id.padEnd(12);
  const before = cut.seq === 0 ? '' : `, rows up to ${number(cut.seq)} archived or dropped`;
  const seal = sealed ? '' : ' The ends that the Writer keeps are NOT those that the Worker sealed.';
  if (finding !== undefined) return `${place} BROKEN at row ${number(finding.seq)}: ${sentenceOf(finding)}${seal}`;
  const waiting = head.seq - cut.seq - rows;
  const rest = waiting > 0 ? `, ${number(waiting)} on their way` : '';
  return `${place} ${sealed ? 'whole' : 'BROKEN'}: ${number(rows)} rows${before}${rest}.${seal}`;
}

/** Whether a chain is as its Writer left it. */
export function isWhole({ proof, finding }: ChainReport): boolean {
  return finding === undefined && proof.sealed;
}

function sentenceOf({ damage, seq, id, other }: Finding): string {
  const row = id === undefined ? 'the row' : `the row ${JSON.stringify(id)}`;
  switch (damage) {
    case 'changed':
      return `${row} is not what was written.`;
    case 'removed':
      return 'the row that was written there is gone; others follow.';
    case 'inserted':
      return `${row} was never written by this gate.`;
    case 'swapped':
      return `${row} stands there, which was written as number ${number(other ?? 0)}.`;
    case 'cut_off':
      return `it and all that followed are gone; the last row that is left is ${number(seq - 1)}.`;
  }
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
