import { ZodError } from 'zod';

/** What `read` answers, or that what it read is nothing this version knows. */
export async function orUnreadable<T>(read: () => Promise<T>): Promise<T | 'unreadable'> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ZodError || error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
}
