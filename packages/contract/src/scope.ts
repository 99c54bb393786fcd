/** The rights that a key can have. */
export const SCOPES = ['submit', 'read', 'delete', 'webhooks', 'review', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** The scopes of a key for which none are named: all but those of the operator and of people who review images. */
export const DEFAULT_SCOPES: readonly Scope[] = SCOPES.filter(
  (scope) => scope !== 'admin' && scope !== 'review',
);
