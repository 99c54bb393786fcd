import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { readSettings } from './env.js';
import { profileVersion } from './profile-version.js';
import { readProfiles } from './settings.js';
import { SettingsError } from './settings-error.js';

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** Reads a profile whose overlay is `label.png` beside its file. */
function readWith(label: Buffer | null, fields = '') {
  const folder = mkdtempSync(join(tmpdir(), 'pixdock-overlay-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (label !== null) writeFileSync(join(folder, 'label.png'), label);
  const file = join(folder, 'profiles.yaml');
  writeFileSync(file, `shop: { variants: { main: {} }, overlay: { file: label.png${fields} } }`);
  return readSettings({ PROFILES_FILE: file }, readProfiles, 'en');
}

function faultOf(...given: Parameters<typeof readWith>): string {
  try {
    readWith(...given);
  } catch (error) {
    if (error instanceof SettingsError)
      return error.faults.map(({ problem, fix }) => `${problem}; ${fix}`).join();
    throw error;
  }
  return '';
}

/** The pixel, declared as larger. */
function declaredAs(width: number): Buffer {
  const png = Buffer.from(PIXEL);
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

it('is read beside the file of the profiles, and known by its digest', () => {
  const { profiles, overlays } = readWith(PIXEL);
  const sha256 = createHash('sha256').update(PIXEL).digest('hex');
  expect(profiles.get('shop')?.overlay).toEqual({ sha256, position: 'southeast', opacity: 1, scale: 0.25 });
  expect([...overlays]).toEqual([[sha256, PIXEL]]);
});

it('is part of the version of the profile, but its path is not', () => {
  const versionOf = (label: Buffer) => {
    const profile = readWith(label).profiles.get('shop');
    return profile === undefined ? null : profileVersion(profile);
  };
  expect(versionOf(PIXEL)).toBe(versionOf(PIXEL));
  expect(versionOf(PIXEL)).not.toBe(versionOf(declaredAs(2)));
});

it.each([
  [null, /label\.png" cannot be read: it does not exist.*; .*correct the path/],
  [Buffer.from('GIF89a'), /label\.png" is not a PNG, or is damaged; export it as a PNG of at most 1 MiB/],
  [Buffer.of(), /is not a PNG/],
  [PIXEL.subarray(0, -1), /is not a PNG, or is damaged/],
  [PIXEL.subarray(0, 40), /is not a PNG, or is damaged/],
  [Buffer.from(PIXEL).fill(7, 45, 46), /is not a PNG, or is damaged/],
  [Buffer.concat([PIXEL, Buffer.alloc(1024 * 1024)]), /label\.png" is 1[.,\d]* .*large; export/],
  [declaredAs(2049), /label\.png" has 2049 × 1 pixels; export .* 2048 pixels a side/],
])('is refused with what to do: case %#', (label, problem) => {
  expect(faultOf(label)).toMatch(/^shop\.overlay\.file: /);
  expect(faultOf(label)).toMatch(problem);
});

it.each([
  [', scale: 0', 'shop.overlay.scale: 0 is less than 0.01'],
  [', opacity: 2', 'shop.overlay.opacity: 2 is more than 1'],
  [', when: ailabel', 'shop.overlay.when: "ailabel" is not one of aiLabel; write aiLabel'],
  [', position: top', 'shop.overlay.position: "top" is not one of northwest, north, '],
  [
    ', variants: [main, tiny]',
    'shop.overlay.variants: "tiny" is not a variant of this profile; name some of main',
  ],
  [', sha256: 00', 'shop.overlay: "sha256" is not a known field'],
])('has checked fields:%s', (fields, problem) => {
  expect(faultOf(PIXEL, fields)).toContain(problem);
});
