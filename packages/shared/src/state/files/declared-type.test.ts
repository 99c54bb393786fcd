import { expect, test } from 'vitest';
import { declaredType } from './declared-type.js';

test.each([
  ['image/png', 'image/png'],
  ['IMAGE/PNG; charset=binary', 'image/png'],
  ['image/svg+xml', 'image/svg+xml'],
  ['png', null],
  ['image/png, text/html', null],
  ['', null],
  [null, null],
])('reads %j', (header, type) => expect(declaredType(header)).toBe(type));
