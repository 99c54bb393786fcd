import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { openSignInLinks } from './sign-in-links.js';

const token = 'a-token-of-the-launcher';
const tokenHash = createHash('sha256').update(token).digest('hex');
const message = { type: 'sign-in-link', tokenHash, key: 'the-key' };

it('exchanges a token for its key once', () => {
  const links = openSignInLinks();
  links.accept(message);
  expect(links.redeem('another')).toBeNull();
  expect(links.redeem(token)).toBe('the-key');
  expect(links.redeem(token)).toBeNull();
});

it('ends a token after a minute', () => {
  let now = 0;
  const links = openSignInLinks(() => now);
  links.accept(message);
  now = 60_000;
  expect(links.redeem(token)).toBeNull();
});

it.each([undefined, 'text', { faultpoint: 'batch-staged' }, { ...message, tokenHash: 'x' }])(
  'ignores the message %j',
  (other) => {
    const links = openSignInLinks();
    links.accept(other);
    expect(links.redeem(token)).toBeNull();
  },
);
