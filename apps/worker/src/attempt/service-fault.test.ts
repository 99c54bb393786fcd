import { expect, it } from 'vitest';
import { isServiceFault } from './service-fault.js';

it.each(['Too many Cluster redirections. Last error: …', 'Connection is closed.'])(
  'counts "%s" of Redis',
  (message) => {
    expect(isServiceFault(new Error(message))).toBe(true);
  },
);

it.each(['EIO', 'ENOSPC', 'ESTALE'])('counts %s as a fault of the service', (code) => {
  expect(isServiceFault(Object.assign(new Error(code), { code }))).toBe(true);
});
