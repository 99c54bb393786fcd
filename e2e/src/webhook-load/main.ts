import { parseArgs } from 'node:util';
import { say } from '../harness/say.js';
import { runLoad } from './load.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000' },
    uploads: { type: 'string', default: '60' },
    help: { type: 'boolean', default: false },
  },
});

/** The receiver of the promise. */
const RESPONSE_MS = 2000;
/** A machine with other work varies as much. */
const MOST = 1.5;
const SLACK_MS = 30;

if (values.help) say('pnpm webhooks [--events 10000] [--uploads 60]');
else {
  const [events, uploads] = [Number(values.events), Number(values.uploads)];
  const { idle, busy, waiting } = await runLoad({
    events,
    uploads,
    responseMs: RESPONSE_MS,
    asInProduction: true,
    say,
  });
  const isUndelayed = busy.p50 <= idle.p50 * MOST + SLACK_MS && busy.p95 <= idle.p95 * MOST + SLACK_MS;
  const isBusy = waiting[1] > 0;
  say(`${isUndelayed ? 'ok    ' : 'FAILED'} events to a slow receiver delay no upload`);
  say(`${isBusy ? 'ok    ' : 'FAILED'} events waited during all uploads`);
  process.exitCode = isUndelayed && isBusy ? 0 : 1;
}
