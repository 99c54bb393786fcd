import { WEBHOOK_EVENTS } from '@pixdock/contract/webhook';
import { expect, test } from 'vitest';
import { readText } from './checkout.js';

test.each(['docs/webhooks.md', 'docs/webhooks.zh-CN.md'])('%s has a row for each event', (page) => {
  const rows = [...readText(page).matchAll(/^\| `((?:image|batch)\.\w+)`/gm)].map(([, event]) => event);
  expect(rows).toEqual([...WEBHOOK_EVENTS]);
});
