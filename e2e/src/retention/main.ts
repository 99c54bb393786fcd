import { parseArgs } from 'node:util';
import { measureRetention } from './measure-retention.js';

const USAGE = 'pnpm retention [--images 20000] [--unreadable 2000]';
/** Minimum on two cores. */
const WANTED_PER_SECOND = 200;

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '20000' },
    unreadable: { type: 'string', default: '2000' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);

if (values.help) say(USAGE);
else {
  const [images, unreadable] = [Number(values.images), Number(values.unreadable)];
  const { seconds } = await measureRetention(images, unreadable);
  const perSecond = Math.round(images / seconds);
  const isFast = perSecond >= WANTED_PER_SECOND;
  say(`${images} images forgotten in ${seconds.toFixed(1)} s, behind ${unreadable} unreadable records`);
  say(`${perSecond} images/s (at least ${WANTED_PER_SECOND})`);
  say(isFast ? '\n1 passed, 0 failed' : '\n0 passed, 1 failed');
  process.exitCode = isFast ? 0 : 1;
}
