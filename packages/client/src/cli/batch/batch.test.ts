import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { WORKBOOK_TYPE } from '@pixdock/contract/media-type';
import { expect, it } from 'vitest';
import { problem, serve } from '../../testing/serve.js';
import { batch, batchServer, csv, failure, isSubmission, previewOf } from '../testing/batch-server.js';
import { runPixdock } from '../testing/run-pixdock.js';

it('imports a file, follows it, groups its failures and saves the report', async () => {
  const { url, requests } = await batchServer();
  const file = csv();
  const report = `${file}.report.csv`;
  const args = [
    'import',
    file,
    '--columns',
    'Picture: big:url, SKU:externalId',
    '--profile',
    '007',
    '--report',
    report,
  ];
  const { exit, out, err } = await runPixdock(args, { url });
  expect(exit).toBe(1);
  expect(out).toBe('bat_1\n');
  const post = requests.find(isSubmission);
  expect(String(post?.body)).toBe('Picture,SKU\nhttp://h/1,a\n');
  expect(post?.headers).toMatchObject({
    'content-type': 'text/csv',
    'content-length': '25',
    'content-disposition': `attachment; filename*=UTF-8''${basename(file)}`,
  });
  expect(Object.fromEntries(post?.url.searchParams ?? [])).toEqual({
    profile: '007',
    columns: 'Picture: big:url,SKU:externalId',
  });
  expect(err).toContain('10 images: 6 published, 4 failed');
  expect(err).toContain(
    [
      '  2  source_timeout    Title of source_timeout',
      '     e.g. row 2 (sku-2, http://h/2.jpg): The response was 2.',
      '  1  source_not_found  Title of source_not_found',
      '     e.g. row 5 (sku-5, http://h/5.jpg): The response was 5.',
      '  1  invalid_row       Title of invalid_row',
      '     e.g. sku-9: The response was 9.',
    ].join('\n'),
  );
  expect(err).toContain('pixdock report bat_1 --failed -o failed.csv\n');
  expect(err).toContain(
    'pixdock retry bat_1 --code source_timeout\n  pixdock retry bat_1 --code source_not_found\n',
  );
  expect(readFileSync(report, 'utf8')).toBe('row,url\n1,http://oss/1\n');
});

const SUPPLIER_CSV = '货号,主图链接,品牌\na,http://h/1,b\n';

it.each([['--no-watch'], ['--dry-run']])(
  'guesses the columns of a file without url, and prints them, with %s',
  async (option) => {
    const warnings = [{ code: 'ignored_rows', detail: '2 hidden rows were left out.' }];
    const checked = { dryRun: true, rows: 1, total: 1, valid: 1, invalid: 0, faults: [], warnings };
    const { url, requests } = await serve(({ method, url: { pathname }, body }) => {
      if (pathname === '/v1/batches/preview') return { body: previewOf(String(body)) };
      return { body: method === 'POST' ? { ...batch(1, 'running', {}), ...checked } : { items: [] } };
    });
    const { exit, err } = await runPixdock(['import', csv(SUPPLIER_CSV), option], { url });
    const columns = '货号:externalId,主图链接:url';
    expect(exit).toBe(0);
    expect(err).toContain('Warning: 2 hidden rows were left out.');
    expect(err).toContain(`Guessed from the headers: --columns "${columns}". Set the option`);
    const post = requests.find(isSubmission);
    expect(post?.url.searchParams.get('columns')).toBe(columns);
  },
);

it.each([
  ['url,SKU,处理方式,门店\nhttp://h/1,a,b,c\n', 'url:url,SKU:externalId', 'Not used: 处理方式, 门店.'],
  [
    'url,external_id,处理方案,门店\nhttp://h/1,a,b,c\n',
    'url:url,external_id:externalId,处理方案:profile',
    '门店.',
  ],
  ['url,external_id,门店\nhttp://h/1,a,c\n', null, 'Not used: 门店.'],
])('maps the columns beside url, and prints those without a field: %j', async (text, columns, unused) => {
  const { url, requests } = await batchServer();
  const { err } = await runPixdock(['import', csv(text), '--no-watch'], { url });
  expect(err).toContain(unused);
  const post = requests.find(isSubmission);
  expect(post?.url.searchParams.get('columns')).toBe(columns);
});

const REPORT_CSV = 'url,reusedId\nhttp://h/1,\n';

it.each([
  ['a report', REPORT_CSV, [], {}, 'url,content', '--no-reuse processes them again'],
  ['a report, declined by an option', REPORT_CSV, ['--no-reuse'], {}, null, ''],
  ['another sheet', SUPPLIER_CSV, [], {}, null, ''],
  ['another sheet, on request', SUPPLIER_CSV, ['--reuse'], {}, 'url,content', ''],
  ['a report, with Enter', REPORT_CSV, [], { terminal: true, input: '\n' }, 'url,content', '[Y/n]'],
  ['a report, without an answer', REPORT_CSV, [], { terminal: true }, 'url,content', '[Y/n]'],
  ['a report, declined', REPORT_CSV, [], { terminal: true, input: 'no\n' }, null, '[Y/n]'],
])('reuses unchanged images of %s', async (_name, text, args, options, reuse, message) => {
  const { url, requests } = await batchServer();
  const { err } = await runPixdock(['import', csv(text), '--no-watch', ...args], { url, ...options });
  expect(requests.find(isSubmission)?.url.searchParams.get('reuse')).toBe(reuse);
  expect(err).toContain(message);
});

it('reuses unchanged images of a report in a workbook', async () => {
  const { url, requests } = await batchServer();
  const args = ['import', csv(REPORT_CSV, 'rows.xlsx'), '--sheet', 'Spring', '--no-watch'];
  const { err } = await runPixdock(args, { url });
  const [preview, submission] = requests.filter(({ method }) => method === 'POST');
  expect(preview?.headers['content-type']).toBe(WORKBOOK_TYPE);
  expect(preview?.url.searchParams.get('sheet')).toBe('Spring');
  expect(submission?.url.searchParams.get('reuse')).toBe('url,content');
  expect(err).toContain('--no-reuse processes them again');
});

it('refuses --reuse where it has no effect, and beside --no-reuse', async () => {
  const { url } = await batchServer();
  const runs = [
    ['import', csv(), '--reuse', '--no-reuse'],
    ['import', csv(), '--reuse', '--dry-run'],
    ['import', 'http://h/1.jpg', '--reuse'],
  ];
  for (const args of runs) expect((await runPixdock(args, { url })).exit).toBe(2);
});

it('leaves a repeated header out of its guess, unless its columns have URLs', async () => {
  const { url, requests } = await batchServer();
  const file = csv('SKU,SKU,"图, 大","图, 大"\na,b,http://h/1,http://h/2\n');
  await runPixdock(['import', file, '--no-watch'], { url });
  const post = requests.find(isSubmission);
  expect(post?.url.searchParams.get('columns')).toBe('图, 大:url');
});

it.each([
  ['the server finds all fields', 'external_id,URL\na,http://h/1\n', []],
  ['no column has URLs', 'SKU,Name\na,b\n', []],
  ['the columns are given', SUPPLIER_CSV, ['--columns', '主图链接:url']],
])('guesses no columns if %s', async (_name, text, args) => {
  const { url, requests } = await batchServer();
  const { err } = await runPixdock(['import', csv(text), '--no-watch', ...args], { url });
  expect(err).not.toContain('Guessed');
  const post = requests.find(isSubmission);
  expect(post?.url.searchParams.get('columns')).toBe(args[1] ?? null);
});

it('counts rows apart from images if a row has several', async () => {
  const { url } = await batchServer({ ...batch(3, 'finished', { published: 10 }), rows: 9 });
  const { err } = await runPixdock(['import', csv()], { url });
  expect(err).toContain('9 rows, 10 images: 10 published');
  const chinese = await runPixdock(['status', 'bat_1'], { url, environment: { LANG: 'zh_CN.UTF-8' } });
  expect(chinese.out).toContain('共 9 行、10 张图片：已发布 10');
  expect(chinese.out).toMatch(/^状态 +已完成 100%$/m);
});

it('counts every failure', async () => {
  const { url } = await serve(({ url: { pathname, searchParams } }) => {
    if (!pathname.endsWith('/items')) return { body: batch(3, 'finished', { failed: 2500 }) };
    const from = Number(searchParams.get('cursor') ?? 0);
    const items = Array.from({ length: 100 }, (_, n) =>
      failure(from + n, n === 0 ? 'invalid_row' : 'source_timeout', true),
    );
    return { body: from === 2400 ? { items } : { items, next: String(from + 100) } };
  });
  const { err } = await runPixdock(['status', 'bat_1', '--watch'], { url });
  expect(err).toMatch(/ {2}2,475 {2}source_timeout [^]* {5}25 {2}invalid_row /);
  expect(err).not.toContain('first');
});

it.each([
  ['all published', batch(3, 'finished', { published: 10 }), 0],
  ['canceled', batch(3, 'canceled', { published: 4, canceled: 6 }), 1],
])('sets the exit code by the result: %s', async (_name, last, exit) => {
  const { url } = await batchServer(last);
  const ran = await runPixdock(['import', csv(), '--json'], { url });
  expect(ran.exit).toBe(exit);
  const lines = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { version: number });
  expect(lines.map(({ version }) => version)).toEqual([1, 3]);
});

it('submits without waiting with --no-watch', async () => {
  const { url, requests } = await batchServer();
  const { exit, out, err } = await runPixdock(['import', csv(), '--no-watch'], { url });
  expect([exit, out]).toEqual([0, 'bat_1\n']);
  expect(err).toContain('pixdock status bat_1 --watch');
  expect(requests.filter(({ url: { pathname } }) => pathname.startsWith('/v1/batches/bat_'))).toEqual([]);
});

it('checks rows without importing', async () => {
  const faults = [
    {
      row: 3,
      code: 'invalid_row',
      detail: 'Row 3, url: is not an absolute URL.',
      externalId: 'a',
      url: 'x.cn',
    },
    {
      row: 8,
      code: 'invalid_row',
      detail: 'Row 8, url: is not an absolute URL.',
      externalId: null,
      url: null,
    },
    {
      row: 4,
      code: 'source_forbidden',
      detail: 'The address is private.',
      externalId: 'b',
      url: 'http://10.0.0.1/',
    },
  ].map((fault) => ({ ...fault, field: 'url', column: null }));
  const warnings = [{ code: 'repeated_url', detail: 'Row 9 has the URL of row 2.' }];
  const result = { dryRun: true, rows: 3, total: 5, valid: 1, invalid: 4, faults, warnings };
  const { url } = await serve(({ method, url: { pathname }, body }) => {
    if (pathname === '/v1/batches/preview') return { body: previewOf(String(body)) };
    return { body: method === 'POST' ? result : { items: [] } };
  });
  const { exit, out, err } = await runPixdock(['import', csv(), '--dry-run'], { url });
  expect(exit).toBe(1);
  expect(out).toContain('3 rows, 5 images: 1 valid, 4 invalid');
  expect(err).toMatch(
    /^ {2}2 {2}invalid_row: This row .*\n {5}Row 3, url: is not an absolute URL\. \(a, x\.cn\)\n {5}Row 8, url: is not an absolute URL\.$/m,
  );
  expect(err).toMatch(
    /^ {2}1 {2}source_forbidden: .*\n {5}Row 4: The address is private\. \(b, http:\/\/10\.0\.0\.1\/\)$/m,
  );
  expect(err).toContain('Warning: Row 9 has the URL of row 2.');
  expect(err).toContain('and 1 more invalid image, not listed');
});

it('lets the batch continue after Ctrl-C and prints how to follow it', async () => {
  const interrupt = new AbortController();
  const { url } = await serve(({ method, url: { pathname }, body }) => {
    if (pathname === '/v1/batches/preview') return { body: previewOf(String(body)) };
    if (method === 'POST') return { status: 202, body: batch(1, 'running', { queued: 10 }) };
    if (pathname === '/v1/images') return { body: { items: [] } };
    interrupt.abort();
    return new Promise(() => {});
  });
  const { exit, out, err } = await runPixdock(['import', csv()], { url, signal: interrupt.signal });
  expect([exit, out]).toEqual([130, 'bat_1\n']);
  expect(err).toContain('pixdock cancel bat_1');
});

it('lets the image of a URL continue after Ctrl-C and prints how to follow it', async () => {
  const interrupt = new AbortController();
  const { url } = await serve(({ method }) => {
    if (method === 'POST') return { status: 202, body: { id: 'img_1', status: 'queued' } };
    interrupt.abort();
    return new Promise(() => {});
  });
  const { exit, err } = await runPixdock(['import', 'http://h/1.jpg'], { url, signal: interrupt.signal });
  expect(exit).toBe(130);
  expect(err).toContain('pixdock status img_1');
  expect(err).toContain('pixdock delete img_1');
});

it('draws a batch in two lines', async () => {
  const { url } = await serve(async ({ url: { pathname } }, count) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (pathname.endsWith('/items')) return { body: { items: [] } };
    const headers = { 'preference-applied': 'wait=30' };
    return {
      headers,
      body:
        count < 3
          ? batch(count, 'running', { published: 4, queued: 6 })
          : batch(3, 'finished', { published: 10 }),
    };
  });
  const { exit, err } = await runPixdock(['status', 'bat_1', '--watch'], { url, terminal: true });
  expect(exit).toBe(0);
  expect(err).toContain('40%  2.5/s  0:04 left');
  expect(err).toContain('10 images: 4 published, 6 queued');
});

it.each([
  ['running 40%, being canceled', batch(2, 'running', { published: 4, queued: 6 }), 'cancelRequestedAt'],
  ['canceled 100%', batch(3, 'canceled', { published: 4, canceled: 6 }), 'cancelRequestedAt'],
  ['finished 100%, being deleted', batch(3, 'finished', { published: 4, deleted: 6 }), 'deleteRequestedAt'],
  ['finished 100%', batch(4, 'finished', { deleted: 10 }), 'deleteRequestedAt'],
])('shows pending requests: %s', async (status, body, request) => {
  const { url } = await serve(() => ({ body: { ...body, [request]: '2026-01-01T00:00:00.000Z' } }));
  expect((await runPixdock(['status', 'bat_1'], { url })).out.split('\n')[2]).toBe(`status  ${status}`);
});

it('shows, retries, cancels, deletes and reports a batch by id', async () => {
  const { url, requests } = await serve(({ url: { pathname } }) =>
    pathname.endsWith('.ndjson')
      ? { body: '\uFEFFrow\n' }
      : { body: batch(2, 'running', { published: 4, failed: 1 }) },
  );
  expect(await runPixdock(['status', 'bat_1'], { url })).toMatchObject({
    exit: 1,
    out: 'batch   bat_1\nname    spring.csv\nstatus  running 40%\n10 images: 4 published, 1 failed\n',
  });
  await runPixdock(['retry', 'bat_1', '--code', 'source_timeout'], { url });
  await runPixdock(['rename', 'bat_1', '夏季'], { url });
  await runPixdock(['cancel', 'bat_1'], { url });
  await runPixdock(['delete', 'bat_1'], { url });
  expect((await runPixdock(['report', 'bat_1', '--ndjson'], { url })).out).toBe('\uFEFFrow\n');
  expect(
    requests.slice(1).map(({ method, url: target }) => `${method} ${target.pathname}${target.search}`),
  ).toEqual([
    'POST /v1/batches/bat_1/retry?code=source_timeout',
    'PATCH /v1/batches/bat_1',
    'POST /v1/batches/bat_1/cancel',
    'DELETE /v1/batches/bat_1',
    'GET /v1/batches/bat_1/report.ndjson',
  ]);
});

it('saves the workbook of a batch', async () => {
  const { url, requests } = await serve(() => ({ body: 'PK\u0003\u0004' }));
  const file = `${csv()}.XLSX`;
  expect((await runPixdock(['report', 'bat_1', '-o', file], { url })).exit).toBe(0);
  expect(requests[0]?.url.pathname).toBe('/v1/batches/bat_1/report.xlsx');
  expect(readFileSync(file, 'utf8')).toBe('PK\u0003\u0004');
});

it('advises to correct the workbook itself after an import of one', async () => {
  const failed = { ...batch(3, 'finished', { published: 9, failed: 1 }), format: 'workbook' };
  const { url } = await serve(({ url: { pathname } }) => ({
    body: pathname.endsWith('/items') ? { items: [] } : failed,
  }));
  const { err } = await runPixdock(['status', 'bat_1', '--watch'], { url });
  expect(err).toContain('pixdock report bat_1 --failed -o failed.xlsx');
});

it('refuses a workbook as the report of a file that is none', async () => {
  const { url, requests } = await batchServer();
  const { exit, err } = await runPixdock(['import', csv(), '--report', 'r.xlsx'], { url });
  expect([exit, err]).toEqual([
    2,
    expect.stringContaining('or a .xlsx file for the rows of an Excel workbook'),
  ]);
  expect(requests.filter(isSubmission)).toEqual([]);
});

it('lists batches by their name', async () => {
  const { url, requests } = await serve(() => ({
    body: { items: [batch(3, 'finished', { published: 10 })] },
  }));
  expect((await runPixdock(['batches', '--name', 'spring'], { url })).out).toBe(
    'bat_1\tfinished\t10 images: 10 published\tspring.csv\n',
  );
  expect(requests.at(-1)?.url.search).toBe('?limit=100&name=spring');
  const none = await serve(() => ({ body: { items: [] } }));
  expect(await runPixdock(['batches'], { url: none.url })).toMatchObject({ exit: 0, err: 'No batches.\n' });
});

it('prints the error of the server', async () => {
  const { url } = await serve(() => problem(404, 'not_found', { requestId: 'r1' }));
  expect(await runPixdock(['status', 'bat_1'], { url })).toEqual({
    exit: 1,
    out: '',
    err: 'pixdock: not_found: Title. Detail. (request r1)\n',
  });
});

it.each([
  ['', 'has no rows. Write a header line'],
  ['url,externalId\n\n \n', 'has no rows. Write a header line'],
])('says that %j has no rows before it sends anything', async (text, message) => {
  const { url, requests } = await batchServer();
  const { exit, err } = await runPixdock(['import', csv(text)], { url });
  expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
  expect(err).toContain('https://example.com/photo.jpg,sku-1');
  expect(requests.every(({ method }) => method === 'GET')).toBe(true);
});
