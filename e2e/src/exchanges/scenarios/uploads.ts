import { createHash } from 'node:crypto';
import { JPEG, PNG } from '../pictures.js';
import type { NamedBytes, Recording, Sending } from '../recording.js';
import { MAX_UPLOAD_BYTES } from '../stage.js';
import { json } from './submitting.js';

const UPLOADS = 'POST /v1/uploads';
const VERSION = { 'Tus-Resumable': '1.0.0' };
const TYPE = { 'Content-Type': 'application/offset+octet-stream' };

/** Resumable uploads, and every reason to refuse one. */
export async function recordUploads(recording: Recording): Promise<void> {
  const { send, sendInBoth } = recording;
  await send('what the server supports', 'OPTIONS /v1/uploads', { as: null });
  await recordImage(recording);
  await recordBatch(recording);
  for (const [name, headers] of Object.entries(WRONG_CREATIONS))
    await sendInBoth(`a creation with ${name}`, UPLOADS, { headers: { ...VERSION, ...headers } });
  const path = await create(recording, 'an upload for wrong requests', JPEG.bytes.length);
  for (const [name, headers] of Object.entries(WRONG_PIECES)) {
    const all = { ...VERSION, ...TYPE, 'Upload-Offset': '0', ...headers };
    await sendInBoth(`a piece with ${name}`, `PATCH ${path}`, { headers: all, body: JPEG });
  }
  await sendInBoth('the upload of another owner', `GET ${path}`, { as: 'reader' });
  await send('its removal', `DELETE ${path}`, { headers: VERSION });
  await sendInBoth('a direct upload where staging is a folder', 'POST /v1/direct-uploads');
  await sendInBoth(
    'an image of a direct upload',
    'POST /v1/images',
    json({ upload: path.split('/').at(-1) }),
  );
  await sendInBoth('an image of no upload', 'POST /v1/images', json({ upload: 'upl_1' }));
  const text = { name: 'text', bytes: Buffer.from('no image') };
  const refused = await create(recording, 'an upload of another format', text.bytes.length);
  await send('the end of a file that is not an image', `PATCH ${refused}`, piece(0, text));
}

async function recordImage(recording: Recording): Promise<void> {
  const { send } = recording;
  const metadata = metadataOf({ filename: 'photo.png', filetype: 'image/png', externalId: 'resumed' });
  const path = await create(recording, 'an upload of an image', PNG.bytes.length, metadata);
  const [first, last] = [part('first bytes', PNG, 0, 100), part('last bytes', PNG, 100)];
  await send('its first bytes', `PATCH ${path}`, piece(0, first));
  await send('where it ends', `HEAD ${path}`, { headers: VERSION });
  await send('its state', `GET ${path}`);
  await send('its last bytes', `PATCH ${path}`, piece(100, last));
  await send('where it ends when it is finished', `HEAD ${path}`, { headers: VERSION });
  await send('its state when it is finished', `GET ${path}`);
  const headers = { ...VERSION, ...TYPE, 'Upload-Length': String(JPEG.bytes.length) };
  await send('an upload with its bytes', UPLOADS, { headers, body: JPEG });
}

async function recordBatch(recording: Recording): Promise<void> {
  const rows = { name: 'rows.csv', bytes: Buffer.from('url\nhttp://nowhere.invalid/a.jpg\n') };
  const metadata = metadataOf({ resource: 'batch', filename: 'rows.csv' });
  const path = await create(recording, 'an upload of a batch', rows.bytes.length, metadata);
  await recording.send('the rows of the batch', `PATCH ${path}`, piece(0, rows));
}

async function create(
  { send }: Recording,
  name: string,
  length: number,
  metadata: Record<string, string> = {},
): Promise<string> {
  const headers = { ...VERSION, 'Upload-Length': String(length), ...metadata };
  return (await send(name, UPLOADS, { headers })).headers['location'] ?? '';
}

const piece = (offset: number, body: NamedBytes): Sending => ({
  headers: { ...VERSION, ...TYPE, 'Upload-Offset': String(offset) },
  body,
});

const part = (name: string, { name: of, bytes }: NamedBytes, from: number, to?: number): NamedBytes => ({
  name: `${name} of ${of}`,
  bytes: bytes.subarray(from, to),
});

const metadataOf = (metadata: Record<string, string>) => ({
  'Upload-Metadata': Object.entries(metadata)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(','),
});

const LENGTH = { 'Upload-Length': '9' };

const WRONG_CREATIONS: Record<string, Record<string, string>> = {
  'another version': { ...LENGTH, 'Tus-Resumable': '0.2.2' },
  'no length': {},
  'a part of a parallel upload': { ...LENGTH, 'Upload-Concat': 'partial' },
  'metadata that is not Base64': { ...LENGTH, 'Upload-Metadata': 'a %' },
  'an unknown resource': { ...LENGTH, ...metadataOf({ resource: 'video' }) },
  'an option of an image for a batch': {
    ...LENGTH,
    ...metadataOf({ resource: 'batch', filetype: 'text/csv', externalId: 'a' }),
  },
  'no type of a batch': { ...LENGTH, ...metadataOf({ resource: 'batch' }) },
  'an empty file': { 'Upload-Length': '0' },
  'a file above the limit': { 'Upload-Length': String(MAX_UPLOAD_BYTES + 1) },
};

const WRONG_PIECES: Record<string, Record<string, string>> = {
  'another version': { 'Tus-Resumable': '0.2.2' },
  'no offset': { 'Upload-Offset': '' },
  'another offset': { 'Upload-Offset': '5' },
  'another type': { 'Content-Type': 'image/jpeg' },
  'an unknown checksum': { 'Upload-Checksum': 'crc32 AAAA' },
  'another checksum': { 'Upload-Checksum': `sha1 ${createHash('sha1').digest('base64')}` },
};
