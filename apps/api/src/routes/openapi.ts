import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Language } from '@pixdock/contract/messages/text';
import type { ApiEnv } from '../http/env.js';
import { languageOf } from '../http/language.js';
import { addExamples } from '../openapi/add-examples.js';
import { inChinese } from '../openapi/in-chinese.js';

/** Serves the OpenAPI document of all routes, in each language. */
export function openapiRoute(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'uploadToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of POST /v1/upload-tokens',
  });
  let documents: Record<Language, string> | null = null;
  app.get('/openapi.json', (c) => {
    if (documents === null) {
      const document = app.getOpenAPI31Document(DOCUMENT);
      documents = {
        en: JSON.stringify(addExamples(document, 'en')),
        zh: JSON.stringify(inChinese(addExamples(document, 'zh'))),
      };
    }
    const language = languageOf(c);
    c.header('Content-Type', 'application/json');
    c.header('Content-Language', language);
    c.header('Vary', 'Accept-Language', { append: true });
    return c.body(documents[language]);
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
