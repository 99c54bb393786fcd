import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Language } from '@pixdock/contract/messages/text';
import type { ApiEnv } from '../http/env.js';
import { languageOf } from '../http/language.js';
import { CHINESE_OPENAPI } from '../messages/openapi.js';
import { addExamples } from '../openapi/add-examples.js';

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
    { name: 'Review', description: 'Manual review of images before publication' },
    { name: 'Batches', description: 'Many images submitted together' },
    { name: 'Resumable uploads', description: 'Files that arrive in several requests' },
    { name: 'Direct uploads', description: 'Files that go straight to OSS' },
    { name: 'Events', description: 'Changes of all images and batches' },
    { name: 'Failures', description: 'Failed images across batches' },
    { name: 'Profiles', description: 'Named settings for the variants of an image' },
    { name: 'Upload tokens', description: 'Short-lived rights for browsers' },
    { name: 'Webhooks', description: 'Events at your URLs' },
    { name: 'Errors', description: 'The meaning of each error code' },
    { name: 'Health', description: 'Liveness, readiness and metrics' },
  ],
};

/** Members whose content is data, not text about it. */
const DATA = ['example', 'examples', 'default', 'enum', 'const', 'required'];

/** A copy of the document with the Chinese texts; a text without one stays as it is. */
function inChinese(document: object): object {
  const textAt = (place: string, english: string): string => {
    const general = /[.?][^.?]*$/.exec(place)?.[0];
    return CHINESE_OPENAPI[place] ?? CHINESE_OPENAPI[general ?? place] ?? english;
  };

  const translate = (node: unknown, place: string): unknown => {
    if (Array.isArray(node)) return node.map((one) => translate(one, placeOf(one, place)));
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([name, value]): [string, unknown] => {
      if (typeof value === 'string') {
        if (name === 'description') return [name, textAt(place, value)];
        return [name, name === 'summary' ? textAt(`${place}.summary`, value) : value];
      }
      return [name, DATA.includes(name) ? value : translateMember(name, value, place)];
    });
    return Object.fromEntries(entries);
  };

  const translateMember = (name: string, value: unknown, place: string): unknown => {
    const into = PLACES[name];
    if (into === undefined) return translate(value, placeOf(value, OWN_PLACE.includes(name) ? name : place));
    return Object.fromEntries(
      Object.entries(value as object).map(([member, one]) => [
        member,
        translate(one, placeOf(one, into(place, member))),
      ]),
    );
  };

  return translate(document, '') as object;
}

const OWN_PLACE = ['info', 'servers'];

/** The place of the members of these members. */
const PLACES: Readonly<Record<string, (place: string, member: string) => string>> = {
  properties: (place, member) => `${place}.${member}`,
  responses: (place, member) => `${place}.${member}`,
  headers: (_, member) => `header.${member}`,
  schemas: (_, member) => member,
  securitySchemes: (_, member) => member,
  // The JSON body and the form of an operation have members of the same names.
  content: (place, member) => (member === 'multipart/form-data' ? `${place}.form` : place),
};

/** Operations, parameters and tags name their own place. */
function placeOf(node: unknown, place: string): string {
  if (typeof node !== 'object' || node === null) return place;
  const { operationId, name, in: location, description } = node as Record<string, unknown>;
  if (typeof operationId === 'string') return operationId;
  if (typeof name !== 'string') return place;
  return typeof location === 'string'
    ? `${place}?${name}`
    : typeof description === 'string'
      ? `tag.${name}`
      : place;
}
