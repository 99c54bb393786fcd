import { z } from 'zod';
import { reason } from './messages/reason.js';

const isObject = (given: unknown): given is object => typeof given === 'object' && given !== null;

/** Limit on members, and the message for an object with more. */
interface Bound {
  maxMembers: number;
  message: string;
}

/**
 * An object of values by any name but `__proto__`, which zod's own record drops without a word.
 * @param bound checked before any member is, since 64 KiB of members take 10 ms
 */
export function plainRecord<T extends z.ZodType>(value: T, { maxMembers, message }: Bound) {
  return z
    .unknown()
    .refine((given) => !isObject(given) || Object.keys(given).length <= maxMembers, {
      message,
      abort: true,
    })
    .refine((given) => !Object.hasOwn(Object(given), '__proto__'), reason('has-proto-key'))
    .pipe(z.record(z.string(), value));
}
