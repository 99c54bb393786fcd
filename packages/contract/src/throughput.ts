import { z } from 'zod';
import { ERROR_CODES } from './error-table.js';

const count = z.int().nonnegative();

/** The images that became final in the last hour, of all owners. */
export const throughputSchema = z
  .object({
    minutes: z.array(z.object({ at: z.iso.datetime(), published: count, failed: count })).meta({
      examples: [[{ at: '2026-01-05T08:00:00.000Z', published: 12, failed: 1 }]],
      description: 'The last 60 minutes, oldest first. The last one is not over yet',
    }),
    failures: z.array(z.object({ code: z.enum(ERROR_CODES), count })).meta({
      examples: [[{ code: 'source_timeout', count: 1 }]],
      description: 'Failed images in these minutes by code, the most frequent first',
    }),
  })
  .meta({ id: 'Throughput' });
export type Throughput = z.output<typeof throughputSchema>;
