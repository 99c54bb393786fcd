import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Image } from '@pixdock/contract/image';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { findChromium } from '../../harness/chromium.js';
import { ask } from '../../harness/client.js';
import { openWatched } from '../browser.js';
import { type ConsoleStage, OPERATOR_KEY, startConsoleStage } from '../stage.js';
import { scenery } from './scenery.js';

/*
 * Draws the pictures of docs/console.md: each view once in light and once in dark. They show the real services with drawn
 * images, so that a change of the page shows in a review.
 */
const FOLDER = fileURLToPath(new URL('../../../../docs/images/', import.meta.url));
const SIZE = { width: 1280, height: 800 };

const chromium = findChromium();
if (chromium === null) throw new Error('Chromium is not installed: apt-get install chromium');
const names = ['harbor', 'dunes', 'forest', 'dusk', 'lake', 'meadow'] as const;
const images = Object.fromEntries(
  await Promise.all(names.map(async (name, i) => [name, await scenery(i)] as const)),
);
await mkdir(FOLDER, { recursive: true });
await using stage = await startConsoleStage(chromium, images);
for (const colorScheme of ['light', 'dark'] as const) await shootAll(stage, colorScheme);

async function shootAll({ stack, browser, origins, source }: ConsoleStage, colorScheme: 'light' | 'dark') {
  const { page, context } = await openWatched(browser, origins, { colorScheme, viewport: SIZE });
  const shoot = (name: string) => shootOne(page, `${name}-${colorScheme}`);
  await page.goto(stack.api.url);
  await page.locator('#key').waitFor();
  await shoot('sign-in');
  await page.locator('#key').fill(OPERATOR_KEY);
  await page.locator('button[type=submit]').click();
  await page.locator('.upload-view').waitFor();
  await shoot('empty');

  const files = Object.entries(images).map(([name, buffer]) => ({
    name: `${name}.jpg`,
    mimeType: 'image/jpeg',
    buffer,
  }));
  const broken = {
    name: 'cut-off.jpg',
    mimeType: 'image/jpeg',
    buffer: (images['lake'] ?? Buffer.of()).subarray(0, 9000),
  };
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles([...files, broken]);
  await page
    .getByText(`${files.length + 1} of ${files.length + 1} done`)
    .first()
    .waitFor();
  await shoot('upload');

  await page.locator('.upload-row a').first().click();
  await page.getByRole('heading', { name: 'What changed' }).waitFor();
  await shoot('image');
  await page.goto(`${stack.api.url}/#/images`);
  await page.locator('.card').nth(5).waitFor();
  await shoot('gallery');

  await page.goto(`${stack.api.url}/#/import`);
  const sheet = { name: 'supplier.csv', mimeType: 'text/csv', buffer: await supplier(source.url) };
  await page.locator('input[type=file]').setInputFiles(sheet);
  await page.locator('tr.fault').waitFor();
  await shoot('import');
  await page.getByRole('button', { name: 'Import' }).click();
  await page.getByText('40 of 40 images are final').waitFor();
  await page.locator('.failure-group').nth(1).waitFor();
  await shoot('batch');
  await page.goto(`${stack.api.url}/#/batches`);
  await page.locator('.batch-card').first().waitFor();
  await shoot('batches');
  await page.goto(`${stack.api.url}/#/operator`);
  await page.locator('.tile').first().waitFor();
  await shoot('operator');
  const { body } = await ask<{ items: Image[] }>(stack, '/v1/images?status=failed&limit=1');
  await page.goto(`${stack.api.url}/#/images/${body.items[0]?.id}`);
  await page.getByRole('heading', { name: 'Why it failed' }).waitFor();
  await shoot('failure');
  // The other scheme begins with nothing known.
  for await (const image of listAll(stack)) await ask(stack, `/v1/images/${image.id}`, { method: 'DELETE' });
  await context.close();
}

async function* listAll(stack: ConsoleStage['stack']): AsyncGenerator<Image> {
  const { body } = await ask<{ items: Image[] }>(stack, '/v1/images?limit=100&status=published');
  yield* body.items;
}

/** Forty rows, of which two fail for different reasons. */
async function supplier(source: string): Promise<Buffer> {
  const rows = Array.from({ length: 40 }, (_, i) => {
    const name = names[i % names.length];
    const url =
      i === 2 ? 'www.a.cn/1003.jpg' : i === 7 ? `${source}/status/404` : `${source}/image/${name}/${i}.jpg`;
    return `SKU-${1001 + i},${url},${i % 2 === 0 ? 'Harbor & Co.' : 'Northlight'},${(19 + i * 3).toFixed(2)}`;
  });
  return Buffer.from(`sku,image link,brand,price\n${rows.join('\n')}\n`);
}

async function shootOne(page: Page, name: string): Promise<void> {
  // Images that are still loading would differ from run to run.
  await page.evaluate(`Promise.all([...document.images].map((image) => image.decode().catch(() => {})))`);
  await page.mouse.move(0, 0);
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const small = await sharp(picture).png({ palette: true, quality: 90, effort: 8 }).toBuffer();
  await writeFile(`${FOLDER}console-${name}.png`, small);
}
