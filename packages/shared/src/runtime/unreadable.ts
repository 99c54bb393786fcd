import { ZodError } from 'zod';

/** Returns the result of `read`, or `unreadable` if the data has no format that this version knows. */
export async function orUnreadable<T>(read: () => Promise<T>): Promise<T | 'unreadable'> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ZodError || error instanceof SyntaxError || isWrongType(error)) return 'unreadable';
    throw error;
  }
}

/** Whether the key has a value of another type. In a script, Redis 6 prefixes the position. */
function isWrongType(error: unknown): boolean {
  return error instanceof Error && /(^|: )WRONGTYPE /.test(error.message);
}
