import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FUZZ_TIMEOUT_MS, fuzz } from '../testing/fuzz.js';
import { expectReadable } from '../testing/settings.js';
import { SettingsReader } from './env.js';
import { readProfiles } from './settings.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'profiles-fuzz-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const value = fc.oneof(
  fc.constantFrom(
    'keep',
    'jpeg',
    'cover',
    '1MiB',
    '16:9',
    '#ffffff',
    'main',
    0,
    1,
    30_001,
    -1,
    1.5,
    null,
    true,
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const record = (...keys: string[]) =>
  fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });
const variant = record(
  'fit',
  'position',
  'width',
  'height',
  'format',
  'quality',
  'effort',
  'background',
  'animated',
  'maxBytes',
  'widht',
);
const profile = fc.record(
  {
    require: fc.oneof(record('formats', 'maxBytes', 'minWidth', 'minHeight', 'aspect'), value),
    variants: fc.oneof(fc.record({ main: variant, thumb: variant }, { requiredKeys: [] }), value),
    colorSpace: value,
    prefix: value,
    overlay: fc.oneof(record('file', 'position', 'opacity', 'scale', 'variants', 'when'), value),
  },
  { requiredKeys: [] },
);
const name = fc.oneof(
  fc.constantFrom('default', 'banner', '__proto__', 'constructor', 'Poster', ''),
  fc.string(),
);
const document = fc.oneof(
  fc.dictionary(name, fc.oneof(profile, value)).map((profiles) => JSON.stringify(profiles)),
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        'banner:',
        'variants: {',
        'main: *a',
        '&a [*a, *a]',
        '- ',
        '!!js/function x',
        '}',
        '\n',
        '\t',
        '"',
        '? ',
        '<<: ',
        '%YAML 9',
      ),
    )
    .map((parts) => parts.join('')),
  fc.nat(500).map((depth) => '['.repeat(depth)),
);

test(
  'accepts an arbitrary file of profiles as a whole, or refuses it',
  async () => {
    const path = join(dir, 'profiles.yaml');
    const property = fc.asyncProperty(document, async (text) => {
      await writeFile(path, text);
      const read = new SettingsReader({ PROFILES_FILE: path });
      expectReadable(() => {
        const { profiles } = readProfiles(read);
        read.finish();
        for (const { variants } of profiles.values()) expect(variants).toHaveProperty('main');
      }, {});
      expect({}).not.toHaveProperty('variants');
    });
    await fuzz(property, 200);
  },
  FUZZ_TIMEOUT_MS,
);
