import { expect, test } from 'vitest';
import { etagOf, matchesEtag } from './etag.js';

test.each([
  [undefined, false],
  ['', false],
  ['"7"', true],
  ['W/"7"', true],
  ['"6"', false],
  ['"6", W/"7" ,"8"', true],
  ['"5","6"', false],
  ['*', true],
  ['7', false],
  ['"77"', false],
])('compares %j with version 7: %s', (ifNoneMatch, matches) => {
  expect(matchesEtag(ifNoneMatch, 7)).toBe(matches);
  expect(etagOf(7)).toBe('"7"');
});
