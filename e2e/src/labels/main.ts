import { parseArgs } from 'node:util';
import { checkLabels } from './check-labels.js';

const USAGE = 'pnpm labels';
/** Findings that are shown; a fault of the decoder produces one for each output. */
const MAX_SHOWN = 50;

const { values } = parseArgs({ options: { help: { type: 'boolean', default: false } } });
const say = (line: string) => void process.stdout.write(`${line}\n`);

if (values.help) say(USAGE);
else {
  const { labelled, unlabelled, outputs, findings } = await checkLabels();
  for (const finding of findings.slice(0, MAX_SHOWN)) say(finding);
  say(`${labelled} sources with a label, ${unlabelled} without, ${outputs} outputs read with exiftool`);
  say(findings.length === 0 ? 'passed' : `${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
