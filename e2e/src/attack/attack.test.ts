import { afterAll, beforeAll, expect, test } from 'vitest';
import { ATTACKS } from './attacks/all.js';
import { lineOf } from './report.js';
import { runAttack } from './run-attack.js';
import { openStage, type Stage } from './stage.js';

/** A short `pnpm attack`: the cheapest attacks that prove the most, one after another in one stack. */
const QUICK = [
  'two-hosts',
  'csv-blank-lines',
  'header-sets',
  'waits',
  'zip-folders',
  'unknown-ids',
  'finished-uploads',
  'slow-singles',
  'held-images',
];

const OPTIONS = {
  size: 1,
  seed: 1,
  slackMs: null,
  // Other test files run at the same time.
  isBusy: true,
  warmUpMs: 500,
  watchMs: 500,
  maxMs: 1000,
};

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

test.each(QUICK)('protects other owners against %s', async (name) => {
  const attack = ATTACKS.find((one) => one.name === name);
  if (attack === undefined) throw new Error(`no attack ${name}`);
  const outcome = await runAttack(stage, attack, OPTIONS);
  expect(outcome.failures, lineOf(name, outcome)).toEqual([]);
});
