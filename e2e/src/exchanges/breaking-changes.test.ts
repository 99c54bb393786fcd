import { expect, test } from 'vitest';
import { breakingChanges } from './breaking-changes.js';

interface Schema {
  type: string | string[];
  enum?: string[];
  pattern?: string;
  items?: object;
}

/** A small API: an operation with a parameter, a body and a response that contains itself. */
function openDocument() {
  const fields = {
    type: 'object',
    required: ['url'],
    properties: {
      url: { type: 'string' },
      fit: { type: 'string', enum: ['inside', 'cover'] },
    } as Record<string, Schema>,
  };
  const image = {
    type: 'object',
    required: ['id', 'url'],
    properties: {
      id: { type: 'string' },
      url: { type: ['string', 'null'] },
      variants: { type: 'array', items: { $ref: '#/components/schemas/Image' } },
    } as Record<string, Schema>,
  };
  const wait = { in: 'query', name: 'wait', required: false, schema: { type: 'integer', maximum: 60 } };
  const accepted = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Image' } } } };
  const post = {
    parameters: [wait],
    requestBody: { content: { 'application/json': { schema: fields } } },
    responses: { 202: accepted } as Record<string, object>,
  };
  const paths: Record<string, object> = { '/v1/images': { post } };
  return { fields, image, wait, post, paths, document: { paths, components: { schemas: { Image: image } } } };
}

type Change = (parts: ReturnType<typeof openDocument>) => unknown;

function changesOf(apply: Change): string[] {
  const parts = openDocument();
  apply(parts);
  return breakingChanges(openDocument().document, parts.document);
}

test.each<[string, Change]>([
  ['nothing', () => {}],
  ['an operation', ({ paths }) => (paths['/v1/batches'] = { post: {} })],
  ['a member of a response', ({ image }) => (image.properties.held = { type: 'boolean' })],
  ['a field', ({ fields }) => (fields.properties.tags = { type: 'string' })],
  ['a value of a field', ({ fields }) => fields.properties.fit?.enum?.push('fill')],
  ['that a member is never null', ({ image }) => (image.properties.url = { type: 'string' })],
])('allows a version that adds %s', (_, apply) => {
  expect(changesOf(apply)).toEqual([]);
});

test.each<[string, Change]>([
  ['POST /v1/images is gone', ({ paths }) => delete paths['/v1/images']],
  ['POST /v1/images query wait is gone', ({ post }) => post.parameters.pop()],
  ['POST /v1/images query wait is required', ({ wait }) => (wait.required = true)],
  ['POST /v1/images query wait has a lower maximum', ({ wait }) => (wait.schema.maximum = 30)],
  ['POST /v1/images body.profile is required', ({ fields }) => fields.required.push('profile')],
  ['POST /v1/images body.fit is gone', ({ fields }) => delete fields.properties.fit],
  ['POST /v1/images body.fit takes only cover', ({ fields }) => fields.properties.fit?.enum?.shift()],
  [
    'POST /v1/images body.url takes fewer values',
    ({ fields }) => (fields.properties.url = { type: 'string', pattern: '^https' }),
  ],
  ['POST /v1/images 202 is gone', ({ post }) => delete post.responses[202]],
  ['POST /v1/images 202.url may be absent', ({ image }) => image.required.pop()],
  [
    'POST /v1/images 202.id is string or null, not string',
    ({ image }) => (image.properties.id = { type: ['string', 'null'] }),
  ],
  ['POST /v1/images 202.variants is gone', ({ image }) => delete image.properties.variants],
])('reports: %s', (change, apply) => {
  expect(changesOf(apply)).toEqual([change]);
});
