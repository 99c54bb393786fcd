import { expect, test } from 'vitest';
import { breakingChanges } from './breaking-changes.js';

/** A small API: an operation with a parameter, a body and a response that contains itself. */
function document() {
  return {
    paths: {
      '/v1/images': {
        post: {
          parameters: [{ in: 'query', name: 'wait', schema: { type: 'integer', maximum: 60 } }],
          requestBody: {
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['url'],
                  properties: { url: { type: 'string' }, fit: { type: 'string', enum: ['inside', 'cover'] } },
                },
              },
            },
          },
          responses: {
            202: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Image' } } } },
          },
        },
      },
    } as Record<string, Record<string, unknown>>,
    components: {
      schemas: {
        Image: {
          type: 'object',
          required: ['id', 'url'],
          properties: {
            id: { type: 'string' },
            url: { type: ['string', 'null'] },
            variants: { type: 'array', items: { $ref: '#/components/schemas/Image' } },
          } as Record<string, unknown>,
        },
      },
    },
  };
}

const changed = (change: (after: ReturnType<typeof document>) => unknown) => {
  const after = document();
  change(after);
  return breakingChanges(document(), after);
};
// biome-ignore lint: the small document above has this shape.
const post = (after: ReturnType<typeof document>) => after.paths['/v1/images']?.post as any;
const bodyOf = (after: ReturnType<typeof document>) =>
  post(after).requestBody.content['application/json'].schema;
const imageOf = (after: ReturnType<typeof document>) => after.components.schemas.Image;

test('finds nothing in what only adds', () => {
  expect(changed(() => {})).toEqual([]);
  expect(changed((after) => (after.paths['/v1/batches'] = { post: {} }))).toEqual([]);
  expect(changed((after) => (imageOf(after).properties.held = { type: 'boolean' }))).toEqual([]);
  expect(changed((after) => (bodyOf(after).properties.tags = { type: 'string' }))).toEqual([]);
  expect(changed((after) => bodyOf(after).properties.fit.enum.push('fill'))).toEqual([]);
  expect(changed((after) => (imageOf(after).properties.url = { type: 'string' }))).toEqual([]);
});

test.each<[string, (after: ReturnType<typeof document>) => unknown]>([
  ['POST /v1/images is gone', (after) => delete after.paths['/v1/images']],
  ['POST /v1/images query wait is gone', (after) => post(after).parameters.pop()],
  ['POST /v1/images query wait is required', (after) => (post(after).parameters[0].required = true)],
  [
    'POST /v1/images query wait has a lower maximum',
    (after) => (post(after).parameters[0].schema.maximum = 30),
  ],
  ['POST /v1/images body.profile is required', (after) => bodyOf(after).required.push('profile')],
  ['POST /v1/images body.fit is gone', (after) => delete bodyOf(after).properties.fit],
  ['POST /v1/images body.fit takes only cover', (after) => bodyOf(after).properties.fit.enum.shift()],
  [
    'POST /v1/images body.url takes fewer values',
    (after) => (bodyOf(after).properties.url.pattern = '^https'),
  ],
  ['POST /v1/images 202 is gone', (after) => delete post(after).responses[202]],
  ['POST /v1/images 202.url may be absent', (after) => imageOf(after).required.pop()],
  [
    'POST /v1/images 202.id is string or null, not string',
    (after) => (imageOf(after).properties.id = { type: ['string', 'null'] }),
  ],
  ['POST /v1/images 202.variants is gone', (after) => delete imageOf(after).properties.variants],
])('reports: %s', (change, apply) => {
  expect(changed(apply)).toEqual([change]);
});
