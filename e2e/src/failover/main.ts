import { parseArgs } from 'node:util';
import { say } from '../harness/say.js';
import { measureFailover, type Plan } from './measure-failover.js';

const { values } = parseArgs({
  options: {
    uploads: { type: 'string', default: '200' },
    detect: { type: 'string', default: '1,5,15' },
    only: { type: 'string', default: 'sentinel,cluster' },
    loss: { type: 'string', default: 'killed,hanging' },
    help: { type: 'boolean', default: false },
  },
});

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const USAGE =
  'pnpm failover [--uploads 200] [--detect SECONDS,…] [--only sentinel,cluster] [--loss killed,hanging]';

if (values.help) say(USAGE);
else {
  let [passed, failed] = [0, 0];
  for (const kind of values.only.split(',') as Plan['kind'][])
    for (const loss of values.loss.split(',') as Plan['loss'][])
      for (const detect of values.detect.split(',')) {
        const plan = { kind, loss, detectMs: 1000 * Number(detect), uploads: Number(values.uploads) };
        const { isWell, text } = await report(plan);
        if (isWell) passed++;
        else failed++;
        say(`${isWell ? 'ok    ' : 'FAILED'} ${kind}, master ${loss}, replaced after ${detect} s: ${text}`);
      }
  say(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function report(plan: Plan): Promise<{ isWell: boolean; text: string }> {
  try {
    const { lost, doubled, refusedMs, claimedMs, slowestMs } = await measureFailover(plan);
    const text =
      `${plan.uploads} uploads, ${lost} lost, ${doubled} doubled, 503 for ${seconds(refusedMs)}, ` +
      `409 for ${seconds(claimedMs)}, slowest response ${seconds(slowestMs)}`;
    return { isWell: lost === 0 && doubled === 0, text };
  } catch (error) {
    return { isWell: false, text: (error as Error).message };
  }
}
