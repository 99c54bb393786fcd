import { until } from '../../harness/client.js';
import { PNG } from '../pictures.js';
import type { Recording } from '../recording.js';
import type { ExchangeStack } from '../stage.js';

/** Images that people review; a worker renders them. */
export async function recordReviews(stack: ExchangeStack, recording: Recording): Promise<void> {
  const { send, sendInBoth, settle } = recording;
  const untilHeld = (count: number) =>
    until('the images to be held', 60, async () =>
      stack.redis.cli('zcard', '{pixdock}:held') === String(count) ? true : null,
    );
  const submit = (name: string) => send(name, 'POST /v1/images?profile=reviewed', { body: PNG });
  const { body: image } = await submit('an image for review');
  const { body: other } = await submit('another one');
  await untilHeld(2);
  await send('the queue', 'GET /v1/images?stage=reviewing');
  await sendInBoth('the queue without the scope', 'GET /v1/images?stage=reviewing', { as: 'publisher' });
  await send('the picture', `GET /v1/images/${image.id}/content/thumb`, { isBodyElsewhere: true });
  await send('no such variant', `GET /v1/images/${image.id}/content/other`);
  await send('the image of another owner', `POST /v1/images/${image.id}/approve`, { as: 'operator' });
  await send('approve', `POST /v1/images/${image.id}/approve`);
  await send('reject', `POST /v1/images/${other.id}/reject`);
  for (const { id } of [image, other]) await settle(`/v1/images/${id}`);
  await send('read what was approved', `GET /v1/images/${image.id}`);
  await send('read what was rejected', `GET /v1/images/${other.id}`);
  await send('the same decision again', `POST /v1/images/${image.id}/approve`);
  await sendInBoth('the other decision', `POST /v1/images/${image.id}/reject`);
  await sendInBoth('retry what was rejected', `POST /v1/images/${other.id}/retry`);
}
