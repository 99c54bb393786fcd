import { expect, it } from 'vitest';
import { isServiceFault } from './service-fault.js';

it.each(['EIO', 'ENOSPC', 'ESTALE'])('counts %s as a fault of the service', (code) => {
  expect(isServiceFault(Object.assign(new Error(code), { code }))).toBe(true);
});
