import { parseArgs } from 'node:util';
import { say } from '../harness/say.js';
import { LEGS, type Measured, startNetwork, TROUBLES, type Trouble } from './measure-network.js';

const { values } = parseArgs({
  options: {
    uploads: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) say('pnpm network [--uploads 10]');
else {
  const uploads = Number(values.uploads);
  await using network = await startNetwork();
  const measure = async (leg: (typeof LEGS)[number], trouble: Trouble | null) =>
    say(
      `${leg.padEnd(12)}${(trouble ?? 'no trouble').padEnd(12)}${described(await network.measure(leg, trouble, uploads))}`,
    );
  await measure('all', null);
  for (const leg of LEGS)
    for (const trouble of Object.keys(TROUBLES) as Trouble[]) await measure(leg, trouble);
  const { lost, doubled } = await network.check();
  const isWell = lost + doubled === 0;
  say(`\n${isWell ? 'ok    ' : 'FAILED'} ${lost} accepted images lost, ${doubled} images or objects doubled`);
  process.exitCode = isWell ? 0 : 1;
}

function described({ seconds, errors }: Measured): string {
  const median = seconds[Math.floor(seconds.length / 2)] ?? 0;
  const slowest = seconds.at(-1) ?? 0;
  const failed = Object.entries(errors).map(([code, count]) => `, ${count} × ${code}`);
  return `${seconds.length} published, median ${median.toFixed(1)} s, slowest ${slowest.toFixed(1)} s${failed.join('')}`;
}
