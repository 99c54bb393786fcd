export interface Call {
  path: string;
  method?: string;
  body?: NonNullable<RequestInit['body']>;
  headers?: Record<string, string>;
}

/** A way to submit images. */
export interface Kind {
  name: string;
  /** Images of a request; one by default. */
  perRequest?: number;
  request: (n: number) => Call;
}

const IMAGES = '/v1/images';
const BATCHES = '/v1/batches';
const ROWS = 500;
/** At their limits: 256 characters, 4 KiB of JSON, 255 bytes, 8 KiB. */
const EXTERNAL_ID = 'x'.repeat(250);
const METADATA = { note: 'n'.repeat(4080) };
const FILE_NAME = `${'f'.repeat(250)}.jpg`;
const LONG_QUERY = 'q'.repeat(8000);

/** @param url of a source of the same bytes */
export function kindsOf(bytes: Uint8Array, url: string): Kind[] {
  const raw = { body: new Uint8Array(bytes), headers: { 'Content-Type': 'image/jpeg' } };
  const form = (n: number) => {
    const body = new FormData();
    body.append('externalId', `${EXTERNAL_ID}${n}`);
    body.append('metadata', JSON.stringify(METADATA));
    body.append('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), FILE_NAME);
    return { path: IMAGES, body };
  };
  const json = { 'Content-Type': 'application/json' };
  const rows = (count: number, fields: (n: number) => object = () => ({})) => ({
    path: BATCHES,
    body: Array.from(
      { length: count },
      (_, n) => `${JSON.stringify({ url: `${url}?n=${n}`, ...fields(n) })}\n`,
    ).join(''),
    headers: { 'Content-Type': 'application/x-ndjson' },
  });
  const largest = (n: number) => ({ externalId: `${EXTERNAL_ID}${n}`, metadata: METADATA });
  return [
    { name: 'image', request: (n) => ({ path: `${IMAGES}?externalId=${n}`, ...raw }) },
    {
      name: 'image, Idempotency-Key',
      request: (n) => ({
        path: `${IMAGES}?externalId=${n}`,
        body: raw.body,
        headers: { ...raw.headers, 'Idempotency-Key': `small-${n}` },
      }),
    },
    { name: 'image, largest fields', request: form },
    {
      name: 'image, largest fields, Idempotency-Key',
      request: (n) => ({ ...form(n), headers: { 'Idempotency-Key': `key-${n}` } }),
    },
    {
      name: 'image of a URL',
      request: (n) => ({ path: IMAGES, body: JSON.stringify({ url: `${url}?n=${n}` }), headers: json }),
    },
    {
      name: 'image of a URL, largest fields',
      request: (n) => ({
        path: IMAGES,
        body: JSON.stringify({ url: `${url}?${LONG_QUERY}`, ...largest(n) }),
        headers: json,
      }),
    },
    { name: `row of a batch of ${ROWS}`, perRequest: ROWS, request: () => rows(ROWS) },
    {
      name: `row of a batch of ${ROWS}, largest fields`,
      perRequest: ROWS,
      request: () => rows(ROWS, largest),
    },
    { name: 'batch of one row', request: () => rows(1) },
    {
      name: 'resumable upload that is finished',
      request: () => ({
        path: '/v1/uploads',
        body: new Uint8Array(bytes),
        headers: {
          'Content-Type': 'application/offset+octet-stream',
          'Upload-Length': String(bytes.length),
        },
      }),
    },
  ];
}
