import { z } from 'zod';

/** An object of values by any name but `__proto__`, which zod's own record drops without a word. */
export function plainRecord<T extends z.ZodType>(value: T) {
  return z
    .unknown()
    .refine((given) => !Object.hasOwn(Object(given), '__proto__'), 'has a key __proto__')
    .pipe(z.record(z.string(), value));
}
