import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Image } from '@pixdock/contract/image';
import type { Page, Request } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { zipOf } from '../batch/zip.js';
import { installWithApt } from '../harness/apt.js';
import { findChromium } from '../harness/chromium.js';
import { ask, until, upload, uploadAndWait } from '../harness/client.js';
import { photo } from '../harness/pictures.js';
import { seriousProblems } from './axe.js';
import { openWatched, type Watched } from './browser.js';
import { type ConsoleStage, KEY, OPERATOR_KEY, READER_KEY, startConsoleStage } from './stage.js';
import { supplierSheet, supplierWorkbook } from './supplier-sheet.js';

/** Below the time of a test, so that a failure names its step. */
const LATE_MS = 50_000;
const TEST_MS = 120_000;
/** An expression instead of a function, since the tests are checked without the types of a browser. */
const READ_CHOICES = `[...document.querySelectorAll('table.preview select')].map(({ value }) => value)`;
const READ_WIDTHS = `[...document.querySelectorAll('img.cell-picture')].map(({ naturalWidth }) => naturalWidth)`;
const MAX_FIRST_LOAD_BYTES = 120 * 1024;

let stage: ConsoleStage | null = null;
let watched: Watched | null = null;
beforeAll(async () => {
  if (findChromium() === null) await installWithApt(['chromium'], (line) => console.log(line));
  const chromium = findChromium();
  if (chromium === null) return;
  const [cup, tea, lamp, late] = await Promise.all([1, 2, 3, 4].map((n) => photo(300 + n, 200)));
  stage = await startConsoleStage(chromium, { cup, tea, lamp, late } as Record<string, Buffer>);
});
afterEach(async () => {
  const { faults = [], context } = watched ?? {};
  watched = null;
  await context?.close();
  expect(faults).toEqual([]);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});

const inBrowser = (name: string, run: () => Promise<void>) =>
  test(
    name,
    async (context) => {
      context.skip(stage === null, 'Chromium is not installed: apt-get install chromium');
      await run();
    },
    TEST_MS,
  );

function theStage(): ConsoleStage {
  if (stage === null) throw new Error('the stage has not started');
  return stage;
}

type Options = Parameters<typeof openWatched>[2];

/** Opens the console and signs in. */
async function signIn(options: Options = {}, key = KEY): Promise<Page> {
  const { stack, browser, origins } = theStage();
  watched = await openWatched(browser, origins, options);
  const { page } = watched;
  page.setDefaultTimeout(LATE_MS);
  await page.goto(stack.api.url);
  await page.locator('#key').fill(key);
  await page.locator('button[type=submit]').click();
  await page.locator('.upload-view').waitFor();
  return page;
}

const photosNamed = (names: readonly string[]) =>
  Promise.all(
    names.map(async (name, i) => ({ name, mimeType: 'image/jpeg', buffer: await photo(200 + i, 150) })),
  );

const chooseFiles = (page: Page, files: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]) =>
  page.locator('input[type=file]').first().setInputFiles(files);

inBrowser('publishes 20 photos, each once, although the connection is lost in the middle', async () => {
  const page = await signIn();
  let sent = 0;
  let isCut = false;
  let lostStatus = 0;
  await page.route('**/v1/images', async (route) => {
    sent++;
    if (sent === 8) isCut = true;
    // The server has the eighth photo, but its response is lost.
    if (sent === 8) lostStatus = (await route.fetch()).status();
    await (isCut ? route.abort('connectionreset') : route.continue());
  });
  const names = Array.from({ length: 20 }, (_, i) => `photo-${i + 1}.jpg`);
  await chooseFiles(page, await photosNamed(names));
  await page.getByText('Connection lost').first().waitFor();
  // Other photos may lose their connection before the server has the eighth.
  await expect.poll(() => lostStatus, { timeout: 10_000 }).toBe(202);
  isCut = false;
  await page.getByText('20 of 20 done').first().waitFor();
  const { body } = await ask<{ items: Image[] }>(theStage().stack, '/v1/images?limit=100&status=published');
  const published = body.items.map(({ source }) => source.filename ?? '');
  expect(published.toSorted()).toEqual(names.toSorted());

  await page.getByRole('button', { name: 'Clear finished' }).click();
  await chooseFiles(page, await photosNamed(['photo-1.jpg']));
  await page.getByText('Already on the server', { exact: true }).waitFor();
  await page.getByText('1 already on the server', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Copy URL: photo-1.jpg' }).waitFor();
});

inBrowser(
  'signs in with a link whose token leaves the address, as an operator only with `admin`',
  async () => {
    const { stack, browser, origins } = theStage();
    for (const [key, views] of [
      [KEY, 0],
      [OPERATOR_KEY, 1],
    ] as const) {
      const { page, context } = await openWatched(browser, origins);
      // Only `npm start` makes links.
      await page.route('**/console/sign-in', (route) => route.fulfill({ json: { key } }));
      await page.goto(`${stack.api.url}/#token=one-use`);
      await page.locator('.upload-view').waitFor();
      expect(page.url()).not.toContain('one-use');
      expect(await page.getByRole('link', { name: 'Operations' }).count()).toBe(views);
      await context.close();
    }
  },
);

inBrowser('asks and offers nothing that the key has no right to', async () => {
  const page = await signIn({}, READER_KEY);
  const api = theStage().stack.api.url;
  // No other test has sent this picture.
  const buffer = await photo(77, 66);
  await chooseFiles(page, { name: 'reader.jpg', mimeType: 'image/jpeg', buffer });
  await page.locator('.upload-row.published').getByRole('link', { name: 'Open' }).click();
  await page.locator('.link-row').first().waitFor();
  expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0);
  await page.goto(`${api}/#/images`);
  await page.getByRole('checkbox', { name: 'Select reader.jpg' }).check();
  await page.getByRole('button', { name: 'Copy URLs' }).waitFor();
  expect(await page.getByRole('button', { name: 'Delete' }).count()).toBe(0);
  for (const view of ['images', 'batches', 'import', 'operator']) {
    await page.goto(`${api}/#/${view}`);
    await page.reload();
    await page.getByRole('link', { name: 'Images' }).waitFor();
    await page.locator('.loading').waitFor({ state: 'detached' });
  }
  await page.getByRole('heading', { name: 'This key does not have the scope “admin”' }).waitFor();
  expect(await page.getByRole('link', { name: 'Operations' }).count()).toBe(0);
  expect(watched?.failures).toEqual([]);
});

inBrowser('continues a paused photo where it was, with the chosen profile', async () => {
  const page = await signIn();
  await page.locator('#profile option').nth(2).waitFor({ state: 'attached' });
  await page.getByLabel('Profile').selectOption('avatar');
  await page.getByText('main: up to 512 × 512 px, cropped').waitFor();
  await page.getByLabel('Profile').selectOption('compact');
  const offsets: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  const { send } = await beginSlowUpload(page);
  const isPatch = (request: Request) => request.method() === 'PATCH';
  const aborted = page.waitForEvent('requestfailed', isPatch);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await aborted;
  await send(-1);
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.locator('.upload-row.published').waitFor();
  expect(offsets).toEqual([0, expect.any(Number)]);
  expect(offsets[1]).toBeGreaterThan(0);
  const { body } = await ask<{ items: Image[] }>(theStage().stack, '/v1/images?limit=100');
  const found = body.items.filter(({ source }) => source.filename === 'noise.jpg');
  expect(found.map(({ profile }) => profile)).toEqual(['compact']);
});

inBrowser('removes the bytes of a photo when its person signs out, and when its page ends', async () => {
  const page = await signIn();
  page.on('dialog', (dialog) => void dialog.accept());
  const first = await beginSlowUpload(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await untilGone(first.path);
  await first.send(-1);
  await page.goto('about:blank');
  await page.goto(theStage().stack.api.url);
  await page.locator('#key').fill(KEY);
  await page.locator('button[type=submit]').click();
  await page.locator('.upload-view').waitFor();
  const second = await beginSlowUpload(page);
  await page.goto('about:blank');
  await untilGone(second.path);
});

/** Chooses a photo whose upload takes a minute, longer than a slow machine needs to stop it. */
async function beginSlowUpload(page: Page) {
  const network = await page.context().newCDPSession(page);
  const send = (bytesPerSecond: number) =>
    network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond,
    });
  await send(32 * 1024);
  const patching = page.waitForRequest((request) => request.method() === 'PATCH');
  await chooseFiles(page, { name: 'noise.jpg', mimeType: 'image/jpeg', buffer: await noisyPhoto() });
  const path = new URL((await patching).url()).pathname;
  await until('some bytes to arrive', 40, async () => {
    const { body } = await ask<{ offset: number }>(theStage().stack, path);
    return body.offset > 0 ? true : null;
  });
  return { path, send };
}

const untilGone = (path: string) =>
  until(`${path} to be removed`, 40, async () => {
    const { status } = await ask(theStage().stack, path);
    return status === 404 ? true : null;
  });

/** About 2 MB. */
const noisyPhoto = () =>
  sharp({
    create: {
      width: 1600,
      height: 1200,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .jpeg({ quality: 92 })
    .toBuffer();

inBrowser('says why a damaged photo failed and what to do, and deletes it after an explanation', async () => {
  const page = await signIn();
  const whole = await photo(400, 300);
  const damaged = {
    name: 'cut-off.jpg',
    mimeType: 'image/jpeg',
    buffer: whole.subarray(0, whole.length / 2),
  };
  await chooseFiles(page, [damaged, { ...damaged, name: 'whole.jpg', buffer: whole }]);
  await page.locator('.upload-row.published').waitFor();
  await page.locator('.upload-row.failed').waitFor();
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 740 });
    await until(`the whole reason at a width of ${width}`, 10, async () =>
      (await page.evaluate<boolean>(SHOWS_THE_REASON)) ? true : null,
    );
  }
  await page.getByRole('button', { name: 'Show only problems' }).click();
  await page.locator('.upload-row.published').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.locator('.upload-row.published').waitFor();
  expect(await page.getByRole('button', { name: 'Retry cut-off.jpg' }).count()).toBe(0);
  await page.locator('.upload-row.failed a').click();
  await page.getByRole('heading', { name: 'Why it failed' }).waitFor();
  expect(await page.getByRole('button', { name: 'Retry' }).getAttribute('class')).not.toBe('primary');
  await page.getByRole('heading', { name: 'What to do' }).waitFor();
  expect(await page.title()).toBe('cut-off.jpg · Pixdock');
  expect(await page.locator('.failure').innerText()).toMatch(
    /incomplete[\s\S]*whole file[\s\S]*image_truncated/,
  );
  expect(await seriousProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Delete' }).click();
  expect(await page.getByRole('dialog').innerText()).toContain('It cannot be retried afterwards');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.locator('.heading .badge.deleted').waitFor();
});

inBrowser('shows when an image will be deleted, and keeps it', async () => {
  const page = await signIn();
  const { stack } = theStage();
  const fields = { deleteAfterSeconds: '86400' };
  const image = await uploadAndWait(stack, await photo(400, 300), { fields });
  await page.goto(`${stack.api.url}/#/images/${image.id}`);
  await page.getByText(/^Will be deleted at .* unless you keep it$/).waitFor();
  await page.getByRole('button', { name: 'Keep' }).click();
  await page.getByRole('button', { name: 'Keep' }).waitFor({ state: 'detached' });
  expect((await ask(stack, `/v1/images/${image.id}`)).body.deleteAt).toBeNull();
});

inBrowser('opens a private image by a signed URL', async () => {
  const page = await signIn();
  const { stack } = theStage();
  const image = await uploadAndWait(stack, await photo(400, 300), { fields: { profile: 'receipts' } });
  await page.goto(`${stack.api.url}/#/images/${image.id}`);
  const opening = page.context().waitForEvent('page');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  const opened = await opening;
  await opened.waitForLoadState();
  expect(opened.url()).toContain('x-oss-signature=');
  expect(await opened.evaluate<number>('document.images[0].naturalWidth')).toBe(400);
  await page.goto(`${stack.api.url}/#/images`);
  const isShown = `document.querySelector('.card[href$="${image.id}"] img.picture')?.naturalWidth > 0`;
  await until('the picture', 30, async () => ((await page.evaluate<boolean>(isShown)) ? true : null));
});

/** Whether nothing of the reason in a row is cut off, and no row is above another. */
const SHOWS_THE_REASON = `(() => {
  const reason = document.querySelector('.upload-row.failed .reason');
  const rows = [...document.querySelectorAll('.windowed li')].map((row) => row.getBoundingClientRect());
  rows.sort((a, b) => a.top - b.top);
  return reason.scrollWidth <= reason.clientWidth && reason.scrollHeight <= reason.clientHeight &&
    reason.getBoundingClientRect().bottom <= reason.closest('li').getBoundingClientRect().bottom &&
    rows.every((row, i) => i === 0 || row.top >= rows[i - 1].bottom - 1);
})()`;

inBrowser('imports a GB18030 sheet with an invalid row, and publishes a failed row by a retry', async () => {
  const page = await signIn();
  await page.goto(`${theStage().stack.api.url}/#/import`);
  const buffer = supplierSheet(theStage().source.url);
  await chooseFiles(page, { name: '供应商.csv', mimeType: 'text/csv', buffer });
  await page.getByText('1 of 5 images is invalid').waitFor();
  const table = page.locator('table.preview');
  expect(await page.evaluate<string[]>(READ_CHOICES)).toEqual(['externalId', 'url', 'none', 'none']);
  expect(await table.innerText()).toContain('青瓷坊');
  expect(await page.locator('.checked-rows').first().innerText()).toMatch(/^Row 4.*www\.a\.cn/);
  expect(await table.locator('tr.wrong').innerText()).toContain('www.a.cn');
  await table.getByLabel('品牌').selectOption('metadata');
  expect(await seriousProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Import' }).click();

  await page.getByText('All 5 images are final').waitFor();
  await page.getByText('A-1003').waitFor();
  expect(await page.getByRole('img', { name: 'together 5' }).getAttribute('aria-label')).toBe(
    'Published 3, Failed 2; together 5',
  );
  expect(await seriousProblems(page)).toEqual([]);
  const missing = page.locator('.failure-group', { hasText: 'source_not_found' });
  expect(await missing.innerText()).toContain('A-1004');
  await missing.getByRole('button', { name: 'Retry' }).click();
  await page.getByRole('img', { name: 'Published 4, Failed 1; together 5' }).waitFor();
  await page.getByRole('heading', { level: 1, name: '供应商.csv' }).waitFor();
  await page.getByRole('button', { name: 'Rename' }).click();
  expect(await seriousProblems(page)).toEqual([]);
  await page.getByRole('textbox', { name: 'Name' }).fill('Spring: tea');
  await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('heading', { level: 1, name: 'Spring: tea' }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the report' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('Spring_ tea.report.csv');
  await page.getByRole('link', { name: 'All batches' }).click();
  await page.getByRole('searchbox', { name: 'Name' }).fill('nothing');
  await page.getByText('No batch has this in its name').waitFor();
  await page.getByRole('searchbox', { name: 'Name' }).fill('TEA');
  await page.getByRole('link', { name: 'Spring: tea' }).click();
  await page.getByRole('heading', { level: 1, name: 'Spring: tea' }).waitFor();
});

inBrowser('imports a sheet of a workbook with its pictures, and returns the workbook', async () => {
  const page = await signIn({ locale: 'zh-CN' });
  await page.goto(`${theStage().stack.api.url}/#/import`);
  const buffer = await supplierWorkbook(theStage().source.url);
  await chooseFiles(page, { name: 'spring.xlsx', mimeType: 'application/octet-stream', buffer });
  await page.getByText('这张工作表没有数据行').waitFor();
  await page.getByLabel('工作表').selectOption('商品');
  await page.getByText('3 张图片中有 1 张有误').waitFor();
  expect(await page.evaluate<string[]>(READ_CHOICES)).toEqual(['externalId', 'url']);
  expect(await page.getByLabel('“图片”列的含义').innerText()).toContain('图片（或链接）');
  await expect.poll(() => page.evaluate<number[]>(READ_WIDTHS)).toEqual([301]);
  expect(await page.locator('.checked-rows').first().innerText()).toContain('第 5 行');
  expect(await seriousProblems(page)).toEqual([]);
  await page.getByRole('button', { name: '导入' }).click();
  await page.getByText('3 张全部处理完').waitFor();
  expect(await seriousProblems(page)).toEqual([]);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '下载工作簿' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('spring.report.xlsx');
});

inBrowser('checks the whole sheet with the server, and refuses one that the server cannot read', async () => {
  const page = await signIn();
  await page.goto(`${theStage().stack.api.url}/#/import`);
  const url = `${theStage().source.url}/image/cup`;
  const rows = Array.from({ length: 400 }, (_, i) => (i === 299 ? 'www.a.cn/1.jpg' : url));
  const csv = (lines: string[]) => ({
    name: 'rows.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(lines.join('\n')),
  });
  await chooseFiles(page, csv(['图片', ...rows]));
  await page.getByText('1 of 400 images is invalid').waitFor();
  expect(await page.locator('table.preview tbody tr').count()).toBe(50);
  const [fault, warnings, others] = await page.locator('.checked-rows').all();
  expect(await fault?.innerText()).toMatch(/^Row 301: .*www\.a\.cn/);
  expect(await warnings?.innerText()).toMatch(/^Row 3 has the URL of row 2: .*\nRow 4 has [^\n]*$/);
  expect(await others?.innerText()).toBe('19 more');
  expect(await seriousProblems(page)).toEqual([]);
  await chooseFiles(page, { ...csv([]), name: 'wide.csv', buffer: Buffer.from('\ufeffurl\nx', 'utf16le') });
  await page.getByText('UTF-16').waitFor();
  await chooseFiles(page, { ...csv(['图片', url]), name: 'short.csv' });
  await page.getByText('1 row is valid').waitFor();
  const reuse = page.getByRole('checkbox', { name: 'Reuse unchanged images' });
  expect(await reuse.isChecked()).toBe(false);
  const added = 'row,id,externalId,status,url,code,reason,aiLabel,reusedId,position,source.url';
  await chooseFiles(page, { ...csv([`图片,${added}`, `${url},2,,,published`]), name: 'report.csv' });
  await page.getByText('1 row is valid').waitFor();
  expect(await reuse.isChecked()).toBe(true);
  expect(await seriousProblems(page)).toEqual([]);
  const [sent] = await Promise.all([
    page.waitForRequest((request) => request.method() === 'POST' && request.url().includes('reuse=')),
    page.getByRole('button', { name: 'Import' }).click(),
  ]);
  expect(new URL(sent.url()).searchParams.get('reuse')).toBe('url,content');
});

inBrowser('sends a large archive in a resumable upload, although the connection is lost', async () => {
  const page = await signIn();
  await page.goto(`${theStage().stack.api.url}/#/import`);
  let patches = 0;
  await page.route('**/v1/uploads/**', async (route) => {
    const isLost = route.request().method() === 'PATCH' && ++patches === 1;
    await (isLost ? route.abort('connectionreset') : route.continue());
  });
  const entries = { 'cup.jpg': await photo(300, 210), 'noise.bin': randomBytes(8 * 1024 * 1024) };
  await chooseFiles(page, { name: 'all.zip', mimeType: 'application/zip', buffer: zipOf(entries) });
  await page.getByRole('button', { name: 'Import' }).click();
  await page.getByText('All 2 images are final').waitFor();
  expect(patches).toBeGreaterThan(1);
  await page.getByRole('img', { name: 'Published 1, Failed 1; together 2' }).waitFor();
});

inBrowser('shows every view in Chinese and dark on a phone, without serious problems', async () => {
  const options = { locale: 'zh-CN', colorScheme: 'dark', viewport: { width: 360, height: 740 } } as const;
  const page = await signIn(options, OPERATOR_KEY);
  const api = theStage().stack.api.url;
  const { body } = await ask<{ items: Image[] }>(theStage().stack, '/v1/images?status=published&limit=1');
  const batches = await ask<{ items: { id: string }[] }>(theStage().stack, '/v1/batches');
  const views = [
    '',
    'images',
    `images/${body.items[0]?.id}`,
    'batches',
    `batches/${batches.body.items[0]?.id}`,
    'import',
    'review',
    'operator',
  ];
  const titles = ['上传图片', '图片', '', '批次', '', '新建批次', '审核', '运维'];
  for (const [i, view] of views.entries()) {
    await page.goto(`${api}/#/${view}`);
    await page.getByRole('heading', { level: 1, name: titles[i] ?? '' }).waitFor();
    await page.locator('.loading').waitFor({ state: 'detached' });
    const { width, language, background } = await page.evaluate<Record<string, string | number>>(`({
      width: document.scrollingElement.scrollWidth,
      language: document.documentElement.lang,
      background: getComputedStyle(document.body).backgroundColor,
    })`);
    expect([view, width, language, background]).toEqual([view, 360, 'zh-CN', 'rgb(15, 20, 19)']);
    expect([view, await seriousProblems(page)]).toEqual([view, []]);
  }
});

inBrowser('retries failures in Operations that a retry can help, and says how many', async () => {
  const { stack, source } = theStage();
  const page = await signIn({}, OPERATOR_KEY);
  const body = JSON.stringify({ url: `${source.url}/image/cup`, sha256: '0'.repeat(64) });
  const headers = { 'Content-Type': 'application/json', Prefer: 'wait=60' };
  await ask(stack, '/v1/images', { method: 'POST', headers, body });
  const whole = await photo(320, 240);
  const buffer = whole.subarray(0, whole.length / 2);
  await chooseFiles(page, { name: 'half.jpg', mimeType: 'image/jpeg', buffer });
  await page.locator('.upload-row.failed').waitFor();
  await page.goto(`${stack.api.url}/#/operator`);
  const hopeless = page.locator('tr', { hasText: 'The image is incomplete' });
  expect(await hopeless.locator('td').nth(2).innerText()).toBe('Upload');
  await hopeless.getByText('A retry fails again').waitFor();
  expect(await hopeless.getByRole('button').count()).toBe(0);
  const row = page.locator('tr', { hasText: source.host });
  await row
    .filter({ hasText: /digest/i })
    .getByRole('button', { name: 'Retry' })
    .click();
  await page.getByRole('img', { name: / published, [1-9]\d* failed; invalid rows not counted/ }).waitFor();
  await page.getByText('Queued again: 1. Left out because the source or the batch is gone: 0.').waitFor();
  await page.getByText('No deliveries lately').waitFor();
  expect(await seriousProblems(page)).toEqual([]);

  await until('the image to fail again', 40, async () => {
    const failed = await ask<{ items: Image[] }>(stack, '/v1/images?code=digest_mismatch');
    return failed.body.items.some(({ run }) => run === 2) ? true : null;
  });
  await page.goto(`${stack.api.url}/#/images`);
  await page.getByLabel('Failure').selectOption('image_truncated');
  await page.locator('.card', { hasText: 'half.jpg' }).waitFor();
  await page.getByLabel('From', { exact: true }).fill('2026-01-01');
  await page.locator('.card', { hasText: 'half.jpg' }).waitFor();
  expect(await seriousProblems(page)).toEqual([]);
  await page.getByLabel('To', { exact: true }).fill('2026-01-05');
  await page.getByText('No image matches these filters').waitFor();
  expect(page.url()).toContain('code=image_truncated&since=2026-01-01&until=2026-01-05');
});

inBrowser('shows what changed in an image, and finds it in the gallery by keyboard alone', async () => {
  const { stack, browser, origins } = theStage();
  watched = await openWatched(browser, origins);
  const { page } = watched;
  page.setDefaultTimeout(LATE_MS);
  await page.goto(stack.api.url);
  expect(await seriousProblems(page)).toEqual([]);
  // The field for the key has the focus.
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('The server does not know this key.').waitFor();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(KEY);
  await page.keyboard.press('Enter');
  await page.locator('.upload-view').waitFor();
  const chooser = page.waitForEvent('filechooser');
  await tabTo(page, 'Choose files');
  await page.keyboard.press('Enter');
  const name = 'keyboard.jpg';
  await (await chooser).setFiles({ name, mimeType: 'image/jpeg', buffer: await photo(3000, 1000) });
  await page.locator('.upload-row.published').waitFor();
  await tabTo(page, 'Images');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Images' }).waitFor();
  await tabTo(page, name);
  await page.keyboard.press('Enter');
  await page.getByText('Resized, 3000 × 1000 → 2560 × 853').waitFor();
  await tabTo(page, 'Compare before and after');
  await page.keyboard.press('ArrowRight');
  expect(await page.getByRole('slider').inputValue()).toBe('51');
  expect(await page.locator('.link-row').count()).toBe(2);
  expect(await seriousProblems(page)).toEqual([]);
});

inBrowser('finds images by their names on a phone, and acts on those that are selected', async () => {
  const { stack, source } = theStage();
  const fields = (externalId: string) => ({ fields: { externalId }, filename: `${externalId} front.jpg` });
  const urls: (string | null)[] = [];
  for (const [i, externalId] of ['shelf-1', 'SHELF-2'].entries())
    urls.push((await uploadAndWait(stack, await photo(90 + i, 60), fields(externalId))).url);
  await uploadAndWait(stack, await photo(80, 60), { filename: 'Shelf in the corner.jpg' });
  const body = JSON.stringify({ url: `${source.url}/status/404`, externalId: 'shelf-3' });
  const headers = { 'Content-Type': 'application/json', Prefer: 'wait=60' };
  await ask(stack, '/v1/images', { method: 'POST', headers, body });

  const page = await signIn({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.goto(`${stack.api.url}/#/images`);
  const search = page.getByRole('searchbox', { name: 'Your id or file name begins with' });
  await search.fill('Shelf');
  const names = () => page.locator('.card-name').allInnerTexts();
  await expect
    .poll(names, { timeout: LATE_MS })
    .toEqual(['shelf-1', 'SHELF-2', 'shelf-3', 'Shelf in the corner.jpg']);
  expect(page.url()).toContain('search=Shelf');
  expect(await page.locator('.card .reason').innerText()).toContain('404');
  await page.getByRole('checkbox', { name: 'Select shelf-1' }).tap();
  await page.getByText('1 selected').waitFor();
  await page.getByRole('checkbox', { name: 'Select shelf-3' }).focus();
  await page.keyboard.press('Space');
  await page.getByText('2 selected').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('2 selected').waitFor({ state: 'detached' });
  await page.getByRole('checkbox', { name: 'Select shelf-3' }).click();
  await page.getByRole('checkbox', { name: 'Select shelf-1' }).click({ modifiers: ['Shift'] });
  await page.getByText('3 selected').waitFor();
  expect(await page.evaluate<number>('document.scrollingElement.scrollWidth')).toBe(360);
  expect(await seriousProblems(page)).toEqual([]);

  await page.getByRole('button', { name: 'Copy URLs' }).click();
  expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(urls.join('\n'));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as CSV' }).click(),
  ]);
  const sheet = await readFile(await download.path(), 'utf8');
  expect(sheet.split('\r\n').map((line) => line.split(',')[0])).toEqual([
    '\ufeffexternalId',
    'shelf-1',
    'SHELF-2',
    'shelf-3',
    '',
  ]);
  await page.getByRole('button', { name: 'Retry (1)' }).click();
  await until('the image to fail again', 40, async () => {
    const { items } = (await ask<{ items: Image[] }>(stack, '/v1/images?externalId=shelf-3')).body;
    return items[0]?.run === 2 && items[0].status === 'failed' ? true : null;
  });
  await page.getByRole('button', { name: 'Delete' }).click();
  expect(await page.getByRole('dialog').innerText()).toContain('Delete these 3 images?');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('3 selected').waitFor({ state: 'detached' });
  await expect.poll(names, { timeout: LATE_MS }).toEqual(['Shelf in the corner.jpg']);
  await search.fill('nothing');
  await page.getByText('No image matches these filters').waitFor();
});

inBrowser('keeps a thousand files in a short list and in little memory', async () => {
  const page = await signIn();
  await page.route('**/v1/images*', (route) => route.abort('connectionreset'));
  await page.evaluate(CHOOSE_A_THOUSAND);
  await page.getByText('0 of 1000 done').first().waitFor();
  await page.evaluate(`document.querySelector('.windowed').scrollTop = 1e6`);
  await page.getByText('file-1000.jpg').waitFor();
  const { rows, heapBytes } = await page.evaluate<Record<string, number>>(`({
    rows: document.querySelectorAll('.windowed li').length,
    heapBytes: performance.memory.usedJSHeapSize,
  })`);
  expect(rows).toBeLessThan(40);
  expect(heapBytes).toBeLessThan(200e6);
  await page.getByRole('button', { name: 'Cancel all' }).click();
  await page.getByText('0 of 0 done').first().waitFor();
});

const CHOOSE_A_THOUSAND = `{
  const chosen = new DataTransfer();
  for (let i = 1; i <= 1000; i++) chosen.items.add(new File([String(i)], 'file-' + i + '.jpg'));
  const input = document.querySelector('input[type=file]');
  input.files = chosen.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}`;

/** Presses Tab until the focused control has this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(FOCUSED_NAME);
    if (focused.startsWith(name)) return;
  }
  throw new Error(`Tab does not reach "${name}"`);
}

const FOCUSED_NAME = `document.activeElement === document.body
  ? '' : document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent`;

inBrowser('serves a first load of less than 120 KB, cached forever, and nothing twice', async () => {
  const { stack } = theStage();
  const page = await load(`${stack.api.url}/`, { accept: 'text/html' });
  const html = gunzipSync(page.bytes).toString();
  const assets = [...html.matchAll(/(?:src|href)="\.\/(console\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(assets.length).toBeGreaterThan(2);
  let total = page.bytes.length;
  for (const path of assets) {
    const asset = await load(`${stack.api.url}/${path}`);
    expect([path, asset.status, asset.headers['cache-control']]).toEqual([
      path,
      200,
      'public, max-age=31536000, immutable',
    ]);
    total += asset.bytes.length;
    const again = await load(`${stack.api.url}/${path}`, { 'if-none-match': asset.headers.etag ?? '' });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  }
  expect(total).toBeLessThan(MAX_FIRST_LOAD_BYTES);
});

/** `fetch` would decompress the body. */
function load(url: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; headers: Record<string, string>; bytes: Buffer }>(
    (resolve, reject) => {
      get(url, { headers: { 'accept-encoding': 'gzip', ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers as Record<string, string>,
            bytes: Buffer.concat(chunks),
          }),
        );
      }).on('error', reject);
    },
  );
}

inBrowser('decides on held images by keyboard, undoes a decision, and works on a phone', async () => {
  const { stack } = theStage();
  const ids: string[] = [];
  for (const width of [301, 302, 303]) {
    const fields = { profile: 'reviewed', externalId: `held-${width}` };
    ids.push((await upload(stack, await photo(width, 200), { fields })).body.id);
  }
  const headers = { Authorization: `Bearer ${OPERATOR_KEY}` };
  await until('the images to be held', 30, async () => {
    const { body } = await ask<{ items: Image[] }>(stack, '/v1/images?stage=reviewing', { headers });
    return body.items.length === 3 ? true : null;
  });
  const page = await signIn({}, OPERATOR_KEY);
  await page.getByRole('link', { name: 'Review' }).click();
  await page.getByText('3 waiting · 0 approved').waitFor();
  const picture = page.locator('.review-image img');
  await picture.waitFor();
  const nameShown = () => page.locator('.review-facts h2').textContent();
  const first = await nameShown();
  expect(first).toMatch(/^held-30/);
  await page.keyboard.press('r');
  await page.getByText('2 waiting · 0 approved · 1 rejected').waitFor();
  await page.keyboard.press('z');
  await page.getByText('3 waiting · 0 approved · 0 rejected').waitFor();
  expect(await nameShown()).toBe(first);
  expect(await seriousProblems(page)).toEqual([]);
  await picture.waitFor();
  await page.keyboard.press('a');
  await page.getByText('2 waiting · 1 approved').waitFor();
  await page.keyboard.press('s');
  await page.getByText('1 waiting · 1 approved · 0 rejected · 1 skipped').waitFor();
  await page.setViewportSize({ width: 390, height: 780 });
  await picture.waitFor();
  const isReachable = `document.documentElement.scrollWidth <= innerWidth &&
    [...document.querySelectorAll('.review-bar button')].every((one) => one.getBoundingClientRect().bottom <= innerHeight)`;
  expect(await page.evaluate(isReachable)).toBe(true);
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.getByText('No images to review').waitFor();
  // Another view sends the decisions at once.
  await page.goto(`${stack.api.url}/#/images`);
  const statuses = async () =>
    (await Promise.all(ids.map(async (id) => (await ask(stack, `/v1/images/${id}`)).body.status))).toSorted();
  await until('both decisions', 30, async () =>
    (await statuses()).join() === 'failed,processing,published' ? true : null,
  );
  await page.getByText('Waiting for review').first().waitFor();
  const shown = page.locator('.thumb img.picture[src^="blob:"]');
  await until('the picture that still waits', 30, async () => ((await shown.count()) === 1 ? true : null));
  const [heldId, rejectedId] = await Promise.all(
    ['processing', 'failed'].map(async (status) => {
      const { body } = await ask<{ items: Image[] }>(stack, `/v1/images?status=${status}`, { headers });
      return body.items.find(({ id }) => ids.includes(id))?.id;
    }),
  );
  await page.goto(`${stack.api.url}/#/images/${heldId}`);
  await page.getByText('Not public: this image waits for a review.').waitFor();
  await page.goto(`${stack.api.url}/#/images/${rejectedId}`);
  await page.getByText('The review rejected the image').waitFor();
  expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0);
  expect(await page.getByText('retry').count()).toBe(0);
  // So does the end of the page.
  await page.goto(`${stack.api.url}/#/review`);
  await picture.waitFor();
  await page.keyboard.press('a');
  await page.getByText('0 waiting · 1 approved').waitFor();
  await page.goto('about:blank');
  await until('the last decision', 30, async () =>
    (await statuses()).join() === 'failed,published,published' ? true : null,
  );
});
