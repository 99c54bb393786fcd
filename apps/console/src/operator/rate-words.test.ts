import { expect, test } from 'vitest';
import { rateWords } from './rate-words.js';

test.each([
  [0, '0 images in this hour'],
  [1, '1 image in this hour'],
  [2, '2 images in this hour'],
  [59, '59 images in this hour'],
  [60, '1.0 images per minute'],
  [270, '4.5 images per minute'],
  [74_070, '1,235 images per minute'],
])('says the rate of %i images in an hour', (images, words) => {
  expect(rateWords(images, 60)).toBe(words);
});
