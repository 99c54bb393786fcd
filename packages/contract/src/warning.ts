import { z } from 'zod';

export const WARNING_CODES = ['ignored_field'] as const;

/** A part of an accepted submission that had no effect. */
const warningSchema = z.object({ code: z.enum(WARNING_CODES), detail: z.string() }).meta({ id: 'Warning' });

/** Only in responses to submissions and to their replays; absent without a warning. */
export const warningsSchema = z.array(warningSchema).optional();
export type Warnings = NonNullable<z.output<typeof warningsSchema>>;
