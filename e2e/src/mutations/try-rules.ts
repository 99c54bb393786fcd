import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MutationRule, mutate } from './rule.js';
import { build, runTests, type TestCounts } from './run-tests.js';

export interface Verdict {
  name: string;
  /** Why the rule failed; null when a test failed because of the defect. */
  fault: string | null;
  ms: number;
}

/** Applies one rule after the other to a copy of the checkout, and reports whether its tests fail. */
export async function* tryRules(
  root: string,
  rules: readonly MutationRule[],
  signal: AbortSignal,
): AsyncGenerator<Verdict> {
  const sound = new Map<string, Promise<TestCounts>>();
  for (const rule of rules) {
    const began = performance.now();
    const fault = await tryRule(root, rule, sound, signal).catch((error: Error) => error.message);
    signal.throwIfAborted();
    yield { name: rule.name, fault, ms: performance.now() - began };
  }
}

async function tryRule(
  root: string,
  rule: MutationRule,
  sound: Map<string, Promise<TestCounts>>,
  signal: AbortSignal,
): Promise<string | null> {
  const path = join(root, rule.file);
  const text = await readFile(path, 'utf8');
  const changed = mutate(text, rule);
  // Rules with the same tests share one run without a defect.
  const key = JSON.stringify([rule.tests, rule.only]);
  if (!sound.has(key)) sound.set(key, runTests(root, rule, signal));
  const before = await sound.get(key);
  if (before === undefined || before.passed === 0 || before.failed > 0)
    return `its tests do not pass without the defect: ${before?.passed} passed, ${before?.failed} failed`;
  await writeFile(path, changed);
  try {
    if (rule.built === true) await build(root, signal);
    const { passed, failed } = await runTests(root, rule, signal);
    if (failed > 0) return null;
    return passed > 0 ? 'survived: no test failed' : 'its tests did not run with the defect';
  } finally {
    await writeFile(path, text);
    if (rule.built === true) await build(root, signal).catch(() => {});
  }
}
