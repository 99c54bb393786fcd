import { createHash } from 'node:crypto';
import { z } from 'zod';

const LIFETIME_MS = 60_000;

/** What the launcher sends over its IPC channel. */
const messageSchema = z.object({
  type: z.literal('sign-in-link'),
  /** Hex SHA-256 of the token. */
  tokenHash: z.string().regex(/^[0-9a-f]{64}$/),
  key: z.string(),
});

/**
 * One-use tokens with which the person at the launcher's terminal signs in to the console. In memory: the launcher that prints a link
 * runs this process.
 */
export function openSignInLinks(now: () => number = Date.now) {
  const links = new Map<string, { key: string; expiresAt: number }>();
  return {
    /** Takes a link from a message of the launcher; ignores other messages. */
    accept(message: unknown): void {
      const link = messageSchema.safeParse(message);
      if (!link.success) return;
      const { tokenHash, key } = link.data;
      links.set(tokenHash, { key, expiresAt: now() + LIFETIME_MS });
      setTimeout(() => links.delete(tokenHash), LIFETIME_MS).unref();
    },
    /** The key of a token, once and for a minute; else null. */
    redeem(token: string): string | null {
      // A look-up by hash reveals nothing about other tokens by its time.
      const hash = createHash('sha256').update(token).digest('hex');
      const link = links.get(hash);
      links.delete(hash);
      return link === undefined || link.expiresAt <= now() ? null : link.key;
    },
  };
}

export type SignInLinks = ReturnType<typeof openSignInLinks>;
