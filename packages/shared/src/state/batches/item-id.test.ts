import { IMAGE_ID } from '@pixdock/contract/ids';
import { expect, test } from 'vitest';
import { testBatch } from '../../testing/batch.js';
import { batchHint, hintOf, itemId, placeOf } from './item-id.js';

const batch = testBatch();

test('finds the place of an id with the secret', () => {
  for (const place of [0, 1, 63, 99_999, 2 ** 32 - 1]) {
    const id = itemId(batch, place);
    expect(id).toMatch(IMAGE_ID);
    expect(itemId(batch, place)).toBe(id);
    expect(placeOf(batch, id)).toBe(place);
    expect(hintOf(id)).toBe(batchHint(batch.id));
  }
});

test('creates distinct ids for a batch, spread over the first two digits', () => {
  const ids = Array.from({ length: 5000 }, (_, place) => itemId(batch, place));
  expect(new Set(ids).size).toBe(5000);
  expect(new Set(ids.map((id) => id.slice(4, 6))).size).toBe(256);
});

test('finds no place for an id of another secret', () => {
  const id = itemId(batch, 7);
  expect(placeOf({ ...batch, secret: testBatch().secret }, id)).toBeNull();
  expect(placeOf(testBatch(), id)).toBeNull();
  for (let i = 4; i < 36; i++) {
    const digit = ((Number.parseInt(id[i] ?? '', 16) + 1) % 16).toString(16);
    expect(placeOf(batch, id.slice(0, i) + digit + id.slice(i + 1))).toBeNull();
  }
});
