import { imageSchema } from '@pixdock/contract/image';
import type { Review } from '@pixdock/contract/review';
import { expect, test } from 'vitest';
import { testRecord } from '../../testing/record.js';
import { toImage } from './view.js';

const at = '2026-01-05T08:00:00.000Z';
const review: Review = { decision: 'hold', by: 'http', reasons: [], at, heldAt: at };

test('shows exactly the fields that the contract declares', () => {
  const image = toImage(Object.assign(testRecord({ review }), { addedByAnotherVersion: 1 }), 'en');
  expect(Object.keys(image).toSorted()).toEqual(Object.keys(imageSchema.shape).toSorted());
});
