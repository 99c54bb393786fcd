import { z } from 'zod';

/** Where the events of one submission go, and the endpoint whose secret signs them. */
export const webhookTargetSchema = z.object({
  endpointId: z.string(),
  /** Null: the URL of the endpoint. */
  url: z.string().nullable(),
});
export type WebhookTarget = z.output<typeof webhookTargetSchema>;
