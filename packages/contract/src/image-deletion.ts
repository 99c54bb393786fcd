import { z } from 'zod';
import { externalIdSchema } from './external-id.js';
import { IMAGE_ID } from './ids.js';
import { STATUSES } from './image.js';

/** The body of `POST /v1/images/delete`. */
export const deletionRequestSchema = z.strictObject({
  externalId: externalIdSchema,
  cursor: z.string().max(256).optional(),
});

/** Images whose deletion was requested together. */
export const deletionsSchema = z.object({
  items: z.array(
    z.object({
      id: z.string().regex(IMAGE_ID),
      /** `deleted` once the objects are gone. */
      status: z.enum(STATUSES),
    }),
  ),
  /** Absent once all are found. */
  next: z.string().optional(),
});
export type RequestedDeletion = z.output<typeof deletionsSchema>['items'][number];
