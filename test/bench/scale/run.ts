/** `npm run scale`: prints the tables of docs/scale.md, and what the free plan carries. */
import { freePlan, tables } from './sizes.ts';

const { calls, meter, rowsInD1 } = freePlan();
console.log(tables());
console.log(`\nThe free plan carries ${Math.floor(calls)} calls a day: ${meter} end first.`);
console.log(`Its 500 MB of D1 hold ${Math.floor(rowsInD1)} rows.`);
