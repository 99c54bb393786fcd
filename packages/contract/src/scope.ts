/** The rights that a key can have. */
export const SCOPES = ['submit', 'read', 'delete', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];
