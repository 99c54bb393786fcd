import { ZodError } from 'zod';

/** What `read` answers, or that what it read is nothing this version knows. */
export async function orUnreadable<T>(read: () => Promise<T>): Promise<T | 'unreadable'> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ZodError || error instanceof SyntaxError || isWrongType(error)) return 'unreadable';
    throw error;
  }
}

/** Whether Redis has a value of another type under the key. Redis 6 puts the position in the script first. */
function isWrongType(error: unknown): boolean {
  return error instanceof Error && /(^|: )WRONGTYPE /.test(error.message);
}
