import { drawingOf, relationships, row, text, workbookOf } from '@pixdock/shared/testing/workbook';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { report } from './reports.js';
import { accepted, itemsOf, send, untilFinished } from './requests.js';
import { type BatchStack, startBatchStack } from './stack.js';

let stack: BatchStack;
beforeAll(async () => {
  stack = await startBatchStack();
});
afterAll(() => stack.stop());

const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

test('publishes the pictures and the URLs of a workbook, and reports its rows', async () => {
  const body = workbookOf({
    rows:
      row(1, text('A1', '货号'), text('B1', '图片')) +
      row(2, text('A2', 'S1')) +
      row(3, text('A3', 'S2'), text('B3', `${stack.source.url}/image/a/workbook`)) +
      row(4, text('A4', 'S3')) +
      row(5, text('A5', 'S4')),
    after: '<drawing r:id="rId1"/>',
    relations: [['drawing', '../drawings/drawing1.xml']],
    parts: {
      'xl/drawings/drawing1.xml': drawingOf([1, 1], [3, 1]),
      'xl/drawings/_rels/drawing1.xml.rels': relationships(
        ['image', '../media/image1.jpeg'],
        ['image', '../media/image2.png'],
      ),
      'xl/media/image1.jpeg': await photo(320, 240),
      'xl/media/image2.png': 'not a picture',
    },
  });
  const preview = await request(stack, '/v1/batches/preview?sheet=Sheet1', {
    method: 'POST',
    headers: { 'Content-Type': TYPE },
    body: new Uint8Array(body),
  });
  expect([preview.status, JSON.parse(preview.bytes.toString())]).toMatchObject([
    200,
    {
      sheets: ['Sheet1'],
      columns: ['货号', '图片'],
      rows: [{ row: 2, pictures: [{ name: 'image1.jpeg' }] }, {}, {}, {}],
    },
  ]);
  const { id } = accepted(await send(stack, body, { type: TYPE }));
  await untilFinished(stack, id);
  const items = await itemsOf(stack, id);
  expect(
    items.map(({ externalId, status, error, variants }) => [
      externalId,
      error?.code ?? status,
      variants.main?.width,
    ]),
  ).toEqual([
    ['S1', 'published', 320],
    ['S2', 'published', expect.any(Number)],
    ['S3', expect.stringMatching(/unsupported|not_an_image/), undefined],
    ['S4', 'invalid_row', undefined],
  ]);
  const picture = await fetch(items[0]?.url ?? '');
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  const lines = (await report(stack, id, 'csv')).split('\r\n');
  expect(lines[0]).toContain('货号,图片,row,id,externalId,status,url');
  expect(lines[1]).toContain(`S1,,2,${items[0]?.id},S1,published,${items[0]?.url}`);

  const read = (language: string) =>
    request(stack, `/v1/batches/${id}/report.xlsx`, { headers: { 'Accept-Language': language } });
  const returned = await read('zh');
  expect([returned.status, returned.headers.get('content-type')]).toEqual([200, TYPE]);
  expect(returned.headers.get('content-disposition')).toContain(`${id}.report.xlsx`);
  const media = [...body.toString('latin1').matchAll(/xl\/media[^]*?(?=PK)/g)].slice(0, 2);
  for (const [part] of media) expect(returned.bytes.includes(part, 0, 'latin1')).toBe(true);

  const failed = await request(stack, `/v1/batches/${id}/report.xlsx?status=failed`);
  expect(failed.headers.get('content-disposition')).toContain(`${id}.failed.xlsx`);
  const corrections = accepted(await send(stack, failed.bytes, { type: TYPE }));
  await untilFinished(stack, corrections.id);
  expect((await itemsOf(stack, corrections.id)).map(({ externalId }) => externalId)).toEqual(['S3', 'S4']);
  const refused = await request(stack, `/v1/batches/${id}/report.xlsx?status=published`);
  expect([refused.status, refused.bytes.toString()]).toEqual([400, expect.stringContaining('status')]);

  // The columns of the report are not read as data.
  const again = accepted(await send(stack, returned.bytes, { type: TYPE }));
  await untilFinished(stack, again.id);
  const corrected = (await report(stack, again.id, 'csv')).split('\r\n');
  expect(corrected[0]).toBe(lines[0]);
  expect(corrected[1]).toContain('S1,published,');

  const image = `/v1/images/${items[0]?.id}`;
  expect((await request(stack, image, { method: 'DELETE' })).status).toBeLessThan(300);
  await expect.poll(async () => (await read('zh')).status).toBe(404);
  expect((await read('zh')).bytes.toString()).toContain('请改用报告（report.csv）查看结果');
  expect((await read('en')).bytes.toString()).toContain(
    'Read its outcome from the report (report.csv) instead',
  );
});
