import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from '@pixdock/shared/testing/free-port';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { readText } from '../documents/checkout.js';
import { findPythonWith } from '../fidelity/decoders/find-python.js';
import { endProcess } from '../harness/end-process.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const BODY = '{"type":"image.published","data":{"externalId":"图片"}}';
const PYTHON = findPythonWith('wsgiref.simple_server, hmac');

test.skipIf(PYTHON === null)('accepts only signed events with the Python receiver of the page', async () => {
  const [, code = ''] = /^```python\n([\s\S]*?)^```$/m.exec(readText('docs/webhooks.md')) ?? [];
  expect(code.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length).toBeLessThanOrEqual(
    12,
  );
  const port = await freePort();
  const receiver = killOnExit(
    spawn(PYTHON ?? '', ['-c', code.replace('8080', String(port))], {
      env: { ...process.env, SECRET },
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const printed = once(createInterface({ input: receiver.stdout }), 'line');
  const send = (secrets: readonly string[], at = new Date(), body = BODY) =>
    fetch(`http://127.0.0.1:${port}/hook`, {
      method: 'POST',
      headers: {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign('msg_1', at, BODY)).join(' '),
      },
      body,
    });
  try {
    await expect.poll(async () => (await send([OTHER]).catch(() => null))?.status).toBe(400);
    expect((await send([SECRET], new Date(), `${BODY} `)).status).toBe(400);
    for (const at of [-3600_000, 3600_000])
      expect((await send([SECRET], new Date(Date.now() + at))).status).toBe(400);
    expect((await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', body: BODY })).status).toBe(500);
    expect((await send([OTHER, SECRET])).status).toBe(204);
    expect(await printed).toEqual([`msg_1 ${BODY}`]);
  } finally {
    await endProcess(receiver, 10_000);
  }
});
