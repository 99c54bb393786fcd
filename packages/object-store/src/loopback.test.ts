import type { LookupAddress } from 'node:dns';
import { expect, it } from 'vitest';
import { isLoopback, loopbackLookup } from './loopback.js';

it.each(['localhost', 'lab.localhost', 'a.b.LOCALHOST', '127.0.0.1', '127.9.8.7', '[::1]', '::1'])(
  'recognizes %s as loopback',
  (host) => {
    expect(isLoopback(host)).toBe(true);
  },
);

it.each(['example.com', 'localhost.example.com', 'notlocalhost', '128.0.0.1', '127.0.0.1.nip.io', '[::2]'])(
  'does not recognize %s as loopback',
  (host) => {
    expect(isLoopback(host)).toBe(false);
  },
);

it('resolves names under localhost in both forms of lookup', async () => {
  expect(await lookUp('lab.localhost', {})).toBe('127.0.0.1');
  expect(await lookUp('lab.localhost', { family: 6 })).toBe('::1');
  expect(await lookUp('lab.localhost', { all: true })).toMatchObject([
    { address: '127.0.0.1' },
    { address: '::1' },
  ]);
  expect(await lookUp('lab.localhost', { all: true, family: 4 })).toMatchObject([{ address: '127.0.0.1' }]);
});

it('leaves other names to the system', async () => {
  await expect(lookUp('no-such-name.invalid', {})).rejects.toThrow();
});

function lookUp(
  host: string,
  options: { all?: boolean; family?: number },
): Promise<string | LookupAddress[]> {
  return new Promise((resolve, reject) => {
    loopbackLookup(host, options, (error, address) => (error ? reject(error) : resolve(address)));
  });
}
