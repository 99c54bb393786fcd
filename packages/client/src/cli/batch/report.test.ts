import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { problem, serve } from '../../testing/serve.js';
import { batchServer, csv } from '../testing/batch-server.js';
import { runPixdock, temporaryFolder } from '../testing/run-pixdock.js';

it.each([
  [['--columns', 'Picture'], 'is not HEADER:field'],
  [['--columns', '图:url, 图 :externalId'], '--columns contains "图" twice'],
  [['--no-watch', '--report', 'q.csv'], 'pixdock report bat_… -o result.csv'],
  [['--dry-run', '--report', 'q.csv'], '--report has no effect with --dry-run'],
  [['--dry-run', '--no-watch'], '--no-watch has no effect with --dry-run'],
  [['--report', 'report.xls'], 'the report must be a .csv or .ndjson file'],
  [
    ['--report', '/nonexistent/r.csv'],
    'The report cannot be written to /nonexistent/r.csv: Its folder does not exist.',
  ],
  [
    ['--report', '/dev/null/r.csv'],
    'The report cannot be written to /dev/null/r.csv: Its folder does not exist.',
  ],
])('rejects %o before it sends anything', async (args, message) => {
  const { url, requests } = await batchServer();
  const { exit, err } = await runPixdock(['import', csv(), ...args], { url });
  expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
  expect(requests.every(({ method }) => method === 'GET')).toBe(true);
});

it.each([
  [['--json'], undefined, 'ndjson'],
  [['--json'], 'r.txt', 'ndjson'],
  [['--json'], 'r.csv', 'csv'],
  [[], 'r.ndjson', 'ndjson'],
  [['--csv'], 'r.ndjson', 'csv'],
  [['--csv'], 'r.txt', 'csv'],
  [[], undefined, 'csv'],
])('reports in the requested format: %o, file %s', async (args, name, format) => {
  const { url, requests } = await serve(() => ({ body: 'row\n' }));
  const file = name === undefined ? [] : ['-o', join(temporaryFolder(), name)];
  expect(await runPixdock(['report', 'bat_1', ...args, ...file], { url })).toMatchObject({ exit: 0 });
  expect(requests.map(({ url: target }) => target.pathname)).toEqual([`/v1/batches/bat_1/report.${format}`]);
});

it('reports the items with a status or a code, and saves the failed rows byte by byte', async () => {
  const { url, requests } = await serve(() => ({ body: '图\n' }));
  await runPixdock(['report', 'bat_1', '--status', 'failed'], { url });
  await runPixdock(['report', 'bat_1', '--code', 'source_timeout'], { url });
  const file = join(temporaryFolder(), 'failed.csv');
  expect(await runPixdock(['report', 'bat_1', '--failed', '-o', file], { url })).toMatchObject({ exit: 0 });
  expect(readFileSync(file, 'utf8')).toBe('图\n');
  await runPixdock(['report', 'bat_1', '--failed', '-o', file.replace('csv', 'xlsx')], { url });
  expect(requests.map(({ url: target }) => `${target.pathname}${target.search}`)).toEqual([
    '/v1/batches/bat_1/report.csv?status=failed',
    '/v1/batches/bat_1/report.csv?code=source_timeout',
    '/v1/batches/bat_1/failed.csv',
    '/v1/batches/bat_1/report.xlsx?status=failed',
  ]);
});

it.each([
  [['--failed'], '-o failed.csv'],
  [['--failed', '--code', 'invalid_row', '-o', 'x.csv'], '--code has no effect with --failed'],
  [['--status', 'failed', '--code', 'invalid_row'], 'not by both'],
])('rejects a report with %o', async (args, message) => {
  const { exit, err } = await runPixdock(['report', 'bat_1', '--key', 'k', ...args]);
  expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
});

it('rejects a report file whose name and options name no format', async () => {
  const { exit, err } = await runPixdock(['report', 'bat_1', '--key', 'k', '-o', 'r.txt']);
  expect([exit, err]).toEqual([
    2,
    expect.stringContaining('r.txt: the report must be a .csv or .ndjson file'),
  ]);
});

it.each(['--json', '--ndjson'])('rejects --csv together with %s', async (option) => {
  const { exit, err } = await runPixdock(['report', 'bat_1', '--key', 'k', '--csv', option]);
  expect([exit, err]).toEqual([2, expect.stringContaining('either CSV or NDJSON')]);
});

it('rejects a folder as the report, and removes an unused report file', async () => {
  const { url, requests } = await batchServer();
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'r.csv'));
  const refused = await runPixdock(['import', csv(), '--report', join(folder, 'r.csv')], { url });
  expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining('This is a folder.')]);
  expect(requests.every(({ method }) => method === 'GET')).toBe(true);
  const down = await serve(({ method }) =>
    method === 'GET' ? { body: { items: [] } } : problem(400, 'invalid_request'),
  );
  const report = join(folder, 'q.csv');
  expect(await runPixdock(['import', csv(), '--report', report], { url: down.url })).toMatchObject({
    exit: 1,
  });
  expect(readdirSync(folder)).toEqual(['r.csv']);
});

it('leaves no incomplete report', async () => {
  const { url } = await serve((_request, _count, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' });
    response.write('row,url\n');
    setTimeout(() => response.destroy(), 50);
    return new Promise(() => {});
  });
  const file = join(temporaryFolder(), 'r.csv');
  writeFileSync(file, 'an older report');
  await expect(runPixdock(['report', 'bat_1', '-o', file], { url })).resolves.toMatchObject({ exit: 2 });
  expect(readFileSync(file, 'utf8')).toBe('an older report');
  expect(() => readFileSync(`${file}.part`)).toThrow('ENOENT');
});
