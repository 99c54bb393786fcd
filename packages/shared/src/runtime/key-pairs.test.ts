import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { weaknessOf } from './key-pairs.js';

it.each([
  ['changeme', 'placeholder'],
  ['pxd_change_me', 'placeholder'],
  ['Change-Me-Change-Me-Change-Me', 'placeholder'],
  ['your-key-here', 'placeholder'],
  ['your-long-random-key', 'placeholder'],
  ['YOUR_API_KEY_YOUR_API_KEY', 'placeholder'],
  ['replace-me-with-a-real-key', 'placeholder'],
  ['a'.repeat(32), 'repeated'],
  ['ab'.repeat(16), 'repeated'],
  ['1234567890'.repeat(3), 'repeated'],
  ['7Jf0-short', 'too-short'],
  ['7Jf0cLq93XbTz1mWkV5', 'too-short'],
] as const)('refuses %s: %s', (key, weakness) => {
  expect(weaknessOf(key, 20)).toBe(weakness);
});

it('accepts random keys of 20 or more characters', () => {
  for (let i = 0; i < 1000; i++) {
    expect(weaknessOf(randomBytes(32).toString('base64url'), 20)).toBeNull();
    expect(weaknessOf(randomBytes(10).toString('hex'), 20)).toBeNull();
  }
});
