import { ERROR_CODES } from '@pixdock/contract/error-table';
import { expect, test } from 'vitest';
import { listSources, readText } from './checkout.js';

const RAISING =
  /^(?:apps\/(?:api|worker)|packages\/shared)\/src\/|^packages\/contract\/src\/requirements\.ts$/;

test('lists only error codes that the services raise', () => {
  const sources = listSources().filter((path) => RAISING.test(path) && !path.includes('/messages/'));
  const text = sources.map((path) => readText(path)).join('\n');
  expect(ERROR_CODES.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});
