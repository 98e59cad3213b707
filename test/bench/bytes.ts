/** `npm run bytes`: what the tools cost a model, in bytes of compact JSON, tool by tool and in sum. */
import { formatTable } from '../../src/cli/report.ts';
import { bytesOfTools, sumsOf } from './tool-bytes.ts';

const rows = bytesOfTools();
for (const line of formatTable([...rows].sort((a, b) => b.short - a.short))) console.log(line);
console.log('');
for (const line of formatTable(sumsOf(rows))) console.log(line);
