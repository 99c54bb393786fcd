import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { installWithApt } from '../../harness/apt.js';
import { findChromium } from '../../harness/chromium.js';
import { openWatched } from '../browser.js';
import { type ConsoleStage, OPERATOR_KEY, startConsoleStage } from '../stage.js';
import { scenery } from './scenery.js';

/*
 * Draws the pictures of docs/console.md with the real services and drawn images, so that a change of the page shows in a
 * review.
 */
const FOLDER = fileURLToPath(new URL('../../../../docs/images/', import.meta.url));
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 720 };
/** The page uses the font of the system; a system without a screen has none that is worth a picture. */
const FONTS = ['fonts-inter', 'fonts-wqy-microhei'];
const NAMES = ['harbor', 'dunes', 'forest', 'dusk', 'lake', 'meadow'] as const;

await installWithApt(['chromium', ...FONTS], (line) => console.log(line));
const chromium = findChromium();
if (chromium === null) throw new Error(`Install Chromium first: apt-get install chromium ${FONTS.join(' ')}`);
const images = Object.fromEntries(
  await Promise.all(NAMES.map(async (name, i) => [name, await scenery(i)] as const)),
);
await mkdir(FOLDER, { recursive: true });
const stage = await startConsoleStage(chromium, images);
try {
  await shootDesktop(stage, 'light');
  await shootPhone(stage);
  await shootDesktop(stage, 'dark');
} finally {
  await stage[Symbol.asyncDispose]();
}

async function shootDesktop(
  { stack, browser, origins, source }: ConsoleStage,
  colorScheme: 'light' | 'dark',
) {
  const { page, context } = await openWatched(browser, origins, { colorScheme, viewport: DESKTOP });
  const shoot = (name: string) => shootOne(page, `${name}-${colorScheme}`);
  await page.goto(stack.api.url);
  await page.locator('#key').waitFor();
  await shoot('sign-in');
  await signIn(page);

  await page.locator('input[type=file]').first().setInputFiles(photos());
  await page.getByText('7 of 7 done').first().waitFor();
  await shoot('upload');
  await page.locator('.upload-row a').nth(3).click();
  await page.getByText('GPS position removed').waitFor();
  await shoot('image');
  await page.goto(`${stack.api.url}/#/images`);
  await page.locator('.card').nth(5).waitFor();
  await shoot('gallery');

  await page.goto(`${stack.api.url}/#/import`);
  const sheet = { name: 'supplier.csv', mimeType: 'text/csv', buffer: supplier(source.url) };
  await page.locator('input[type=file]').setInputFiles(sheet);
  await page.locator('tr.wrong').first().waitFor();
  await shoot('import');
  await page.getByRole('button', { name: 'Import' }).click();
  await page.getByText('All 40 images are final').waitFor();
  await page.locator('.failure-group').nth(1).waitFor();
  await shoot('batch');
  await page.goto(`${stack.api.url}/#/operator`);
  await page.locator('.tile').first().waitFor();
  await shoot('operator');
  await context.close();
}

async function shootPhone({ stack, browser, origins }: ConsoleStage) {
  const options = { locale: 'zh-CN', colorScheme: 'dark', viewport: PHONE, deviceScaleFactor: 2 } as const;
  const { page, context } = await openWatched(browser, origins, options);
  await page.goto(stack.api.url);
  await signIn(page);
  await page.goto(`${stack.api.url}/#/batches`);
  await page.locator('.batch-card').first().click();
  await page.locator('.failure-group').nth(1).waitFor();
  await shootOne(page, 'phone-zh');
  await context.close();
}

async function signIn(page: Page): Promise<void> {
  await page.locator('#key').fill(OPERATOR_KEY);
  await page.locator('button[type=submit]').click();
  await page.locator('.upload-view').waitFor();
}

/** Six photos, and a truncated photo. */
function photos() {
  const whole = Object.entries(images).map(([name, buffer]) => ({ name: `${name}.jpg`, buffer }));
  const cut = { name: 'cut-off.jpg', buffer: images['lake']?.subarray(0, 9000) ?? Buffer.of() };
  return [...whole, cut].map((file) => ({ ...file, mimeType: 'image/jpeg' }));
}

/** Forty rows; three fail, for two reasons. */
function supplier(source: string): Buffer {
  const rows = Array.from({ length: 40 }, (_, i) => {
    const image = `${source}/image/${NAMES[i % NAMES.length]}/${i}.jpg`;
    const url = i === 2 ? 'www.a.cn/1003.jpg' : i === 7 || i === 21 ? `${source}/status/404` : image;
    const brand = i % 2 === 0 ? 'Harbor & Co.' : 'Northlight';
    return `SKU-${1001 + i},${url},${brand},${(19 + i * 3).toFixed(2)}`;
  });
  return Buffer.from(`sku,image link,brand,price\n${rows.join('\n')}\n`);
}

async function shootOne(page: Page, name: string): Promise<void> {
  // Images that are still loading would differ from run to run; those below the window are not loaded.
  await page.evaluate(`(async () => {
    document.documentElement.style.setProperty('--font', 'Inter, "WenQuanYi Micro Hei", sans-serif');
    await document.fonts.ready;
    const seen = [...document.images].filter((image) => image.getBoundingClientRect().top < innerHeight);
    await Promise.all(seen.map((image) => image.decode().catch(() => {})));
  })()`);
  await page.mouse.move(0, 0);
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const small = await sharp(picture).png({ palette: true, colours: 128, dither: 0, effort: 8 }).toBuffer();
  await writeFile(`${FOLDER}console-${name}.png`, small);
}
