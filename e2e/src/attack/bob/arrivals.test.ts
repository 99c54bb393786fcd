import { expect, test } from 'vitest';
import { openArrivals } from './arrivals.js';

test('counts news that come before the response to the upload', async () => {
  const arrivals = openArrivals();
  arrivals.arrived('early', 5000);
  arrivals.expect('early');
  arrivals.expect('late');
  arrivals.arrived('late', 30);
  arrivals.arrived('late', 40);
  await arrivals.settle(0);
  expect(arrivals.take()).toMatchObject({ count: 2, worst: 5000 });
});
