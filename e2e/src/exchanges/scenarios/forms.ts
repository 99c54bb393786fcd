import { fieldPart, filePart, part } from '../../harness/raw-http.js';
import { JPEG, PNG } from '../pictures.js';
import type { Recording } from '../recording.js';
import type { ExchangeStack } from '../stage.js';
import { formOf, json } from './submitting.js';

const IMAGES = 'POST /v1/images';

/** Forms and waits as common clients send them. */
export async function recordForms(stack: ExchangeStack, { send }: Recording): Promise<void> {
  const formed = formOf('a form of FilePond, with more fields', ...CLIENT_FIELDS, part(FILEPOND, JPEG.bytes));
  const keyed = { ...formed, headers: { ...formed.headers, 'Idempotency-Key': 'form' } };
  await send('a form as clients send it', IMAGES, keyed);
  const { body: warned } = await send('its repeat', IMAGES, keyed);
  await send('its status', `GET /v1/images/${warned.id}`);
  await send('a form in Chinese', IMAGES, {
    ...formed,
    headers: { ...formed.headers, 'Accept-Language': 'zh' },
  });
  await send('bytes of a type for text', IMAGES, { headers: { 'Content-Type': 'text/plain' }, body: PNG });
  await send('a time to wait in the query', `${IMAGES}?wait=0&profile=compact`, { body: PNG });
  await send('a time to wait beside a form', `${IMAGES}?wait=0`, formOf('a form', filePart(PNG.bytes)));
  await send(
    'a time to wait beside JSON',
    `${IMAGES}?wait=0`,
    json({ url: `${stack.source.url}/image/png` }),
  );
}

const FILEPOND = 'form-data; name="filepond"; filename="jpeg.jpg"';
const CLIENT_FIELDS = [
  fieldPart('filepond', '{}'),
  fieldPart('name', 'jpeg.jpg'),
  fieldPart('metadata', ''),
  fieldPart('metadata.album', '7'),
  fieldPart('colour', 'red'),
];
