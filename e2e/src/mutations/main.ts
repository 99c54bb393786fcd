import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyCheckout } from './copy-checkout.js';
import { RULES } from './rules/all.js';
import { tryRules } from './try-rules.js';

const USAGE = 'pnpm mutate [--only NAME,…] [--list]';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => void process.stdout.write(`${line}\n`);

if (values.help) say(USAGE);
else if (values.list) for (const { name, file } of RULES) say(`${name.padEnd(40)} ${file}`);
else {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  const score = { passed: 0, failed: 0 };
  await run(score, interrupted.signal).catch((error: Error) => {
    say(error.message);
    score.failed++;
  });
  say(`\n${score.passed} passed, ${score.failed} failed`);
  process.exitCode = score.failed === 0 ? 0 : 1;
}

async function run(score: { passed: number; failed: number }, signal: AbortSignal): Promise<void> {
  const rules = chosen(values.only);
  const copy = await copyCheckout(fileURLToPath(new URL('../../../', import.meta.url)));
  try {
    for await (const { name, fault, ms } of tryRules(copy.root, rules, signal)) {
      score[fault === null ? 'passed' : 'failed']++;
      const line = `${fault === null ? '✓' : '✗'} ${name.padEnd(40)} ${(ms / 1000).toFixed(1)} s`;
      say(fault === null ? line : `${line} ${fault}`);
    }
  } finally {
    await copy.remove();
  }
}

function chosen(only: string | undefined) {
  if (only === undefined) return RULES;
  return only.split(',').map((name) => {
    const found = RULES.find((rule) => rule.name === name);
    if (found === undefined) throw new TypeError(`no rule is named ${name}: --list shows all rules`);
    return found;
  });
}
