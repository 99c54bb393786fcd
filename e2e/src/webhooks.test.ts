import { deliverySchema } from '@pixdock/contract/webhook';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ask, until, untilFinal, upload, uploadAndWait } from './harness/client.js';
import { photo } from './harness/pictures.js';
import { clocks, type Stack, startStack } from './harness/stack.js';
import { startWebhookReceiver, type WebhookReceiver } from './harness/webhook-receiver.js';

let stack: Stack;
let receiver: WebhookReceiver;
let picture: Buffer;
beforeAll(async () => {
  receiver = await startWebhookReceiver();
  picture = await photo(64, 48);
  stack = await startStack({ ...clocks('webhook=20'), WEBHOOK_ALLOW: receiver.host });
  await receiver.subscribe(stack, 'hook', {
    events: ['image.published', 'image.failed', 'image.deleted', 'batch.finished'],
  });
});
afterAll(async () => {
  await stack.stop();
  receiver.stop();
});
beforeEach(() => {
  receiver.respondWith(200);
});

const eventsOf = (id: string) => receiver.received.filter(({ event }) => event.data.id === id);

/** Waits until the receiver has accepted an event about an image, a batch or an endpoint. */
const untilAccepted = (id: string, type: string) =>
  until(`${type} of ${id}`, 60, async () => {
    return eventsOf(id).find(({ event, status }) => event.type === type && status === 200) ?? null;
  });

it('sends signed events about an image that agree with GET', async () => {
  const image = await uploadAndWait(stack, picture, { fields: { externalId: 'sku-1' } });
  const { id, version, status, externalId, batchId, url, finishedAt } = image;
  expect((await untilAccepted(id, 'image.published')).event).toEqual({
    type: 'image.published',
    timestamp: finishedAt,
    data: { id, version, status, externalId, batchId, name: null, url, urls: [], code: null },
  });
  await ask(stack, `/v1/images/${id}`, { method: 'DELETE' });
  expect((await untilAccepted(id, 'image.deleted')).event.data).toMatchObject({
    status: 'deleted',
    url: null,
    urls: Object.values(image.variants).map((variant) => variant.url),
  });

  const broken = await uploadAndWait(stack, picture.subarray(0, picture.length / 2));
  const failed = await untilAccepted(broken.id, 'image.failed');
  expect(failed.event.data).toMatchObject({ status: 'failed', code: broken.error?.code });
});

it('sends one event for a batch, and those of its items only to endpoints that want them', async () => {
  const items = await receiver.subscribe(stack, 'items', { events: ['image.published'], items: true });
  const form = new FormData();
  for (const name of ['a.jpg', 'b.jpg'])
    form.append('file', new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), name);
  const batch = await ask<{ id: string }>(stack, '/v1/batches', { method: 'POST', body: form });
  expect(batch.status).toBe(202);
  const { event } = await untilAccepted(batch.body.id, 'batch.finished');
  expect(event.data).toMatchObject({ status: 'finished', externalId: null, batchId: null });
  const ofItems = () => receiver.received.filter((one) => one.event.data.batchId === batch.body.id);
  await until('the events of the items', 60, async () => (ofItems().length === 2 ? true : null));
  expect(new Set(ofItems().map(({ id }) => id)).size).toBe(2);
  await ask(stack, `/v1/webhooks/endpoints/${items}`, { method: 'DELETE' });
  expect(eventsOf(batch.body.id)).toHaveLength(1);
});

it('sends the events of a submission to its webhookUrl', async () => {
  await receiver.subscribe(stack, 'order', { events: [] });
  const webhookUrl = `http://${receiver.host}/order/7`;
  const fields = { externalId: 'order-7', webhookUrl };
  const image = await uploadAndWait(stack, picture, { fields });
  const toUrl = (id: string) => eventsOf(id).filter(({ path }) => path === '/order/7');
  await until('the event', 60, async () => (toUrl(image.id).length === 1 ? true : null));
  expect(eventsOf(image.id).some(({ path }) => path === '/order')).toBe(false);

  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), 'a.jpg');
  const query = new URLSearchParams({ webhookUrl }).toString();
  const batch = await ask<{ id: string }>(stack, `/v1/batches?${query}`, { method: 'POST', body: form });
  expect(batch.status).toBe(202);
  await until('the event of the batch', 60, async () => (toUrl(batch.body.id).length === 1 ? true : null));
});

it('signs with both secrets during a rotation', async () => {
  const id = await receiver.subscribe(stack, 'rotated', { events: ['image.published'] });
  const path = `/v1/webhooks/endpoints/${id}`;
  const { body } = await ask<{ secret: string }>(stack, `${path}/rotate`, { method: 'POST' });
  const test = async () => {
    const tested = await ask<{ id: string }>(stack, `${path}/test`, { method: 'POST' });
    await until('the test', 60, async () =>
      receiver.received.some((one) => one.id === tested.body.id) ? true : null,
    );
  };
  await test();
  receiver.expectSecret('rotated', body.secret);
  await test();
  expect(receiver.refused).toBe(0);
  await ask(stack, path, { method: 'DELETE' });
});

it('repeats an event under one id until the receiver accepts it', async () => {
  receiver.respondWith(503);
  const { id } = await uploadAndWait(stack, picture);
  await until('two attempts', 60, async () => (eventsOf(id).length >= 2 ? true : null));
  receiver.respondWith(204);
  await until('success', 60, async () => (eventsOf(id).some(({ status }) => status === 204) ? true : null));
  expect(new Set(eventsOf(id).map((one) => one.id)).size).toBe(1);
  expect(eventsOf(id).filter(({ status }) => status === 204)).toHaveLength(1);
});

it('delays no upload and no other endpoint while an endpoint does not respond', async () => {
  const stuck = receiver.hold('stuck');
  const id = await receiver.subscribe(stack, 'stuck', { events: ['image.published'] });
  const images = [];
  for (let nth = 0; nth < 6; nth++) images.push(await uploadAndWait(stack, picture));
  for (const image of images) await untilAccepted(image.id, 'image.published');
  await until('requests to the endpoint', 60, async () => (stuck.open() === 4 ? true : null));
  expect(receiver.received.some(({ path }) => path === '/stuck')).toBe(false);
  await ask(stack, `/v1/webhooks/endpoints/${id}`, { method: 'DELETE' });
  stuck.release();
});

it('sends a test event, lists its delivery and repeats it', async () => {
  const { body } = await ask<{ items: { id: string }[] }>(stack, '/v1/webhooks/endpoints');
  const [{ id } = { id: '' }] = body.items;
  const tested = await ask(stack, `/v1/webhooks/endpoints/${id}/test`, { method: 'POST' });
  expect(tested.status).toBe(202);
  const { event, id: messageId } = await untilAccepted(id, 'endpoint.test');
  expect(messageId).toBe(tested.body.id);
  expect(event.data.status).toBe('test');
  const path = `/v1/webhooks/deliveries?status=delivered&endpointId=${id}`;
  const delivery = await until('the delivery to be listed', 60, async () => {
    const page = await ask<{ items: unknown[] }>(stack, path);
    return (
      page.body.items.map((item) => deliverySchema.parse(item)).find((item) => item.id === messageId) ?? null
    );
  });
  expect(delivery).toMatchObject({ endpointId: id, event, attempts: [{ status: 200, error: null }] });
  await ask(stack, `/v1/webhooks/deliveries/${messageId}/resend`, { method: 'POST' });
  await until('the repeated event', 60, async () => (eventsOf(id).length === 2 ? true : null));
  expect(new Set(eventsOf(id).map((one) => one.id))).toEqual(new Set([messageId]));
});

it('sends the event of an image whose worker is killed right after it is published', async () => {
  await stack.worker.stop();
  await stack.restartWorker({ PIXDOCK_FAULTPOINT: 'run-finished' });
  const { body } = await upload(stack, picture, { fields: { externalId: 'killed' } });
  await stack.worker.exited;
  await stack.restartWorker();
  const { event } = await untilAccepted(body.id, 'image.published');
  expect(event.data).toMatchObject({ id: body.id, externalId: 'killed' });
});

it('sends the events of the last hour again under the same ids after a loss of Redis', async () => {
  const { id } = await uploadAndWait(stack, picture);
  const first = await untilAccepted(id, 'image.published');
  // An event that is not delivered yet.
  receiver.respondWith(503);
  const { body } = await upload(stack, picture);
  await untilFinal(stack, body.id);
  await until('an attempt', 60, async () => (eventsOf(body.id).length > 0 ? true : null));
  stack.redis.cli('FLUSHALL');
  receiver.respondWith(200);
  await untilAccepted(body.id, 'image.published');
  await until('the repeated event', 60, async () =>
    eventsOf(id).filter(({ status }) => status === 200).length >= 2 ? true : null,
  );
  expect(new Set(eventsOf(id).map((one) => one.id))).toEqual(new Set([first.id]));
  expect(eventsOf(id).map(({ event }) => event)).toEqual(eventsOf(id).map(() => first.event));
  expect(new Set(eventsOf(body.id).map((one) => one.id)).size).toBe(1);
});
