/** The rights that a key can have. */
export const SCOPES = ['submit', 'read', 'delete', 'webhooks', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** The scopes of a key for which none are named: all but that of the operator. */
export const DEFAULT_SCOPES: readonly Scope[] = SCOPES.filter((scope) => scope !== 'admin');
