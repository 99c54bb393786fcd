import { expect, test } from 'vitest';
import { isServiceFault } from './service-fault.js';

test.each(['EIO', 'ENOSPC', 'ESTALE'])('%s is no fault of the image', (code) => {
  expect(isServiceFault(Object.assign(new Error(code), { code }))).toBe(true);
});
