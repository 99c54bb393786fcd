import { imageSchema } from '@pixdock/contract/image';
import { expect, test } from 'vitest';
import { testRecord } from '../../testing/record.js';
import { toImage } from './view.js';

test('shows exactly the fields that the contract declares', () => {
  const image = toImage(Object.assign(testRecord(), { addedByAnotherVersion: 1 }), 'en');
  expect(Object.keys(image).toSorted()).toEqual(Object.keys(imageSchema.shape).toSorted());
});
