import { expect, test } from 'vitest';
import { runLoad } from './load.js';

/** A small `pnpm webhooks`, without its judgement of times. */
test('publishes uploads while events wait for a slow receiver', async () => {
  const { waiting } = await runLoad({
    events: 300,
    uploads: 3,
    responseMs: 2000,
    asInProduction: false,
    say: () => {},
  });
  expect(waiting[0]).toBeGreaterThan(200);
  expect(waiting[1]).toBeGreaterThan(0);
});
