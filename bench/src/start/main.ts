import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import { measureStart } from './start.js';

const USAGE = 'pnpm bench:start [--times 5] [--json]';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) say(USAGE);
else {
  const times = Number(values.times);
  if (!Number.isSafeInteger(times) || times < 1)
    throw new TypeError(`--times is a whole number from 1: ${USAGE}`);
  const result = await measureStart(times, (line) => void process.stderr.write(`${line}\n`));
  const { api, everything } = result;
  say(
    values.json
      ? JSON.stringify(result, null, 2)
      : `API: ready after ${api.seconds.toFixed(2)} s, ${api.cpuSeconds.toFixed(2)} s of CPU time\nnpm start: ${everything.seconds.toFixed(2)} s`,
  );
}
