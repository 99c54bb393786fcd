import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { findOrInstallPython } from './decoders/find-python.js';
import { openPillow } from './decoders/pillow.js';
import { runFidelity } from './fidelity.js';
import { reportOf } from './report.js';
import { listSources } from './sources.js';

const USAGE = 'pnpm fidelity DIR [--profile default] [--json FILE]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'default' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);

if (values.help) say(USAGE);
else {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  const isPassed = await run(interrupted.signal).catch((error: unknown) => {
    say(`${(error as Error).message}\n\n0 passed, 1 failed`);
    return false;
  });
  process.exitCode = isPassed ? 0 : 1;
}

async function run(signal: AbortSignal): Promise<boolean> {
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) throw new TypeError(`name one folder: ${USAGE}`);
  const sources = await listSources(folder);
  if (sources.length === 0) throw new Error(`${folder} has no images`);
  say(`${sources.length} images`);
  await using decoder = await openPillow(await findOrInstallPython(say));
  const result = await runFidelity({ sources, decoder, profile: values.profile, say, signal });
  if (values.json !== undefined)
    await writeFile(values.json, result.judged.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const { lines, isPassed } = reportOf(result);
  for (const line of lines) say(line);
  return isPassed;
}
