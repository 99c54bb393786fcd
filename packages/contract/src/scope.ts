/** The rights that a key can have. */
export const SCOPES = ['submit', 'read', 'delete', 'webhooks', 'review', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** The default scopes of a key: all but those of operators and of people who review images. */
export const DEFAULT_SCOPES: readonly Scope[] = SCOPES.filter(
  (scope) => scope !== 'admin' && scope !== 'review',
);
