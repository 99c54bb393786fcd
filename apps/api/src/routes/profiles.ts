import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type ListedProfile, listedProfileSchema, type Profile } from '@pixdock/contract/profile';
import { profileVersion } from '@pixdock/shared/runtime/profile-version';
import type { Parts } from '../deps.js';
import { needs } from '../http/auth.js';
import type { ApiEnv } from '../http/env.js';
import { setPrivateHeaders } from '../http/state-headers.js';
import { json, refusals } from './responses.js';

const route = createRoute({
  method: 'get',
  path: '/v1/profiles',
  operationId: 'listProfiles',
  tags: ['Profiles'],
  summary: 'List the profiles that a submission can name',
  security: needs('read'),
  responses: {
    ...refusals,
    200: json(
      'All profiles, the built-in ones first',
      z.object({ items: z.array(listedProfileSchema) }).openapi('ProfileList'),
    ),
  },
});

export function listProfiles(app: OpenAPIHono<ApiEnv>, { config }: Parts<'config'>): void {
  app.openapi(route, (c) => {
    const items = [...config.profiles].map(([name, profile]) => view(name, profile));
    setPrivateHeaders(c);
    return c.json({ items }, 200);
  });
}

function view(name: string, profile: Profile): ListedProfile {
  const variants = Object.entries(profile.variants).map(
    ([variant, { fit, format, width = null, height = null }]) =>
      [variant, { fit, format, width, height }] as const,
  );
  return { name, version: profileVersion(profile), variants: Object.fromEntries(variants) };
}
