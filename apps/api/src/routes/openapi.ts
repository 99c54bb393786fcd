import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../http/env.js';
import { addExamples } from '../openapi/add-examples.js';

/** Serves the OpenAPI document of all routes. */
export function openapiRoute(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'uploadToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of POST /v1/upload-tokens',
  });
  let document: string | null = null;
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(addExamples(app.getOpenAPI31Document(DOCUMENT)));
    c.header('Content-Type', 'application/json');
    return c.body(document);
  });
}

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Pixdock',
    version: '1',
    description: 'Lands user-supplied images in Alibaba Cloud OSS.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'The server of this document' }],
  tags: [
    { name: 'Images', description: 'One submission and its outcome' },
    { name: 'Batches', description: 'Many images submitted together' },
    { name: 'Resumable uploads', description: 'Files that arrive in several requests' },
    { name: 'Events', description: 'Changes of all images and batches' },
    { name: 'Failures', description: 'Failed images across batches' },
    { name: 'Profiles', description: 'Named settings for the variants of an image' },
    { name: 'Upload tokens', description: 'Short-lived rights for browsers' },
    { name: 'Webhooks', description: 'Events at your URLs' },
    { name: 'Errors', description: 'The meaning of each error code' },
    { name: 'Health', description: 'Liveness, readiness and metrics' },
  ],
};
