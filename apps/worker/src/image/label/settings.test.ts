import { readSettings } from '@pixdock/shared/runtime/env';
import { expect, it } from 'vitest';
import { readLabelSettings } from './settings.js';

const read = (environment: Record<string, string>) => readSettings(environment, readLabelSettings);

it('keeps labels unless AI_LABEL is drop', () => {
  expect(read({})).toEqual({ isKept: true, propagator: null });
  expect(read({ AI_LABEL: 'drop', AIGC_PROPAGATOR: '某平台' })).toEqual({
    isKept: false,
    propagator: '某平台',
  });
});

it.each([
  ['AI_LABEL', 'remove'],
  ['AIGC_PROPAGATOR', 'x'.repeat(201)],
  ['AIGC_PROPAGATOR', 'a\u0000b'],
])('refuses %s %j', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(name);
});
