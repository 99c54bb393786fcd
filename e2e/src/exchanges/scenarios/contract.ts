import type { Recording } from '../recording.js';
import { ORIGIN } from '../stage.js';

const IMAGE = `/v1/images/img_${'0'.repeat(32)}`;
const BATCH = `/v1/batches/bat_${'0'.repeat(32)}`;

/** Health, contract, error codes, and every response before routing. */
export async function recordContract({ send, sendInBoth }: Recording): Promise<void> {
  const nobody = { as: null };
  for (const path of ['/livez', '/readyz'])
    for (const method of ['GET', 'HEAD']) await send(`${method} ${path}`, `${method} ${path}`, nobody);
  await send('the contract', 'GET /openapi.json', { ...nobody, isBodyElsewhere: true });
  await send('HEAD of the contract', 'HEAD /openapi.json', nobody);
  await send('metrics', 'GET /metrics', { as: 'operator', isBodyElsewhere: true });
  await send('HEAD of the metrics', 'HEAD /metrics', { as: 'operator' });
  await sendInBoth('metrics, without the scope', 'GET /metrics');
  await sendInBoth('metrics, without a key', 'GET /metrics', nobody);
  await send('throughput', 'GET /v1/throughput', { as: 'operator', isBodyElsewhere: true });
  await sendInBoth('throughput, without the scope', 'GET /v1/throughput');
  await sendInBoth('all error codes', 'GET /v1/errors', nobody);
  await sendInBoth('one error code', 'GET /v1/errors/not_found', nobody);
  await sendInBoth('an error code that does not exist', 'GET /v1/errors/constructor', nobody);
  const browser = { ...nobody, headers: { Accept: 'text/html,*/*;q=0.8' }, isBodyElsewhere: true };
  // The page at `/` has its own tests: its ETag changes with every change of the console.
  for (const path of ['/docs', '/v1/errors', '/v1/errors/not_found'])
    await sendInBoth(`a page: ${path}`, `GET ${path}`, browser);
  for (const name of ['start.js', 'page.css', 'swagger-ui.css', 'swagger-ui-bundle.js', 'favicon.png'])
    await send(`a file of the reference: ${name}`, `GET /docs/${name}`, browser);
  await send('the root', 'GET /', nobody);
  await send('HEAD of the error codes', 'HEAD /v1/errors', nobody);

  for (const path of MISSING) await sendInBoth(`no such path: ${path}`, `GET ${path}`);
  await send('no such path, without a key', 'GET /v1/nothing', nobody);
  await send('no such path, HEAD', 'HEAD /nothing', nobody);
  for (const line of WRONG_METHODS) await sendInBoth(`wrong method: ${line}`, line);
  await send('wrong method, without a key', 'PUT /v1/images', nobody);

  await sendInBoth('without a key', 'GET /v1/images', nobody);
  for (const value of [
    'Bearer wrong',
    'Basic a2V5',
    'Bearer',
    'Bearer key-of-the-owner-anyone extra',
    'key-of-the-owner-anyone',
  ])
    await send(`a wrong key: ${value}`, 'GET /v1/images', { ...nobody, headers: { Authorization: value } });
  for (const value of ['bearer key-of-the-owner-anyone', 'BEARER  key-of-the-owner-anyone'])
    await send(`a valid key: ${value}`, 'GET /v1/images', { ...nobody, headers: { Authorization: value } });
  for (const owner of ['former', 'earlier'])
    await sendInBoth(`an ended key: ${owner}`, 'GET /v1/images', { as: owner });
  for (const line of ['POST /v1/images', `DELETE ${IMAGE}`])
    await sendInBoth(`a key without the scope: ${line}`, line, { as: 'watcher' });
  await send('a key with the scope', 'GET /v1/images', { as: 'watcher' });
  await send('a wrong key before an image', 'POST /v1/images', { ...nobody, body: 'x' });
  for (const [name, id] of [
    ['kept', 'trace-1.a_B'],
    ['replaced', 'two words'],
  ] as const)
    await send(`a request id that is ${name}`, 'GET /livez', { ...nobody, headers: { 'X-Request-Id': id } });

  const preflight = {
    Origin: ORIGIN,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,idempotency-key,prefer',
  };
  await send('preflight of a known origin', 'OPTIONS /v1/images', { ...nobody, headers: preflight });
  const unknown = { ...preflight, Origin: 'https://evil.example.com' };
  await send('preflight of an unknown origin', 'OPTIONS /v1/images', { ...nobody, headers: unknown });
  await send('OPTIONS without an origin', 'OPTIONS /v1/images', nobody);
  await send('a known origin', 'GET /v1/images', { headers: { Origin: ORIGIN } });
  await send('a problem for a known origin', `GET ${IMAGE}`, { headers: { Origin: ORIGIN } });
  await send('an unknown origin', 'GET /v1/images', { headers: { Origin: unknown.Origin } });

  for (const line of WITHOUT_QUERY) await sendInBoth(`a query of ${line}`, `${line}?colour=5`);
  for (const line of WITHOUT_BODY) await sendInBoth(`a body of ${line}`, line, { body: '{"a":1}' });
  await sendInBoth('a compressed body', 'POST /v1/images', {
    headers: { 'Content-Encoding': 'gzip' },
    body: 'x',
  });
  for (const language of [
    'zh',
    'ZH-hant',
    'fr, zh;q=0.1',
    'zh;q=0.5, en;q=0.8',
    'en-GB, zh',
    'zh;q=0',
    '*',
    ';;;,q=x',
  ])
    await send(`Accept-Language: ${language}`, 'GET /v1/errors/canceled', {
      ...nobody,
      headers: { 'Accept-Language': language },
    });
}

const MISSING = [
  '/v1',
  '/v1/image',
  '/v1/images/',
  '//v1/images',
  '/v1/images/a/b',
  '/v1/uploads',
  '/docs/',
  '/%2e%2e/etc/passwd',
];

const WRONG_METHODS = [
  'PUT /v1/images',
  'DELETE /v1/images',
  `POST ${IMAGE}`,
  `PATCH ${IMAGE}`,
  `GET ${IMAGE}/retry`,
  'DELETE /v1/images/lookup',
  'PUT /v1/batches',
  'DELETE /v1/batches',
  `POST ${BATCH}`,
  `GET ${BATCH}/cancel`,
  `GET ${BATCH}/retry`,
  `POST ${BATCH}/items`,
  `POST ${BATCH}/report.csv`,
  'POST /livez',
  'POST /readyz',
  'POST /v1/errors',
  'DELETE /v1/errors/not_found',
  'POST /openapi.json',
];

const WITHOUT_QUERY = [
  `GET ${IMAGE}`,
  `DELETE ${IMAGE}`,
  `POST ${IMAGE}/retry`,
  'POST /v1/images/lookup',
  `GET ${BATCH}`,
  `DELETE ${BATCH}`,
  `POST ${BATCH}/cancel`,
  `GET ${BATCH}/report.csv`,
];

const WITHOUT_BODY = [`DELETE ${IMAGE}`, `POST ${IMAGE}/retry`, `DELETE ${BATCH}`, `POST ${BATCH}/cancel`];
