/** The OpenAPI document, generated from the routes. The rendered JSON is committed as openapi.json and served. */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { App } from './app-type.ts';

/** Must be registered before the routes that it describes. `basePath`: below which they are called, `''` or `/mistnet`. */
export async function describeRoutes(
  app: App,
  { version, basePath }: { version: string; basePath: string },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'mistnet',
        version,
        description: 'What the web page does, as an API. Errors are problem documents (RFC 9457). Instants are UTC.',
      },
      ...(basePath === '' ? {} : { servers: [{ url: basePath }] }),
      tags: [
        { name: 'session', description: 'Who calls' },
        { name: 'profile', description: 'Your own account, and tokens for programs' },
        { name: 'users', description: 'People, and what they did' },
        { name: 'status', description: 'What is happening now' },
        { name: 'collections', description: 'What is collected' },
        { name: 'datasets', description: 'Hours built, and their files' },
        { name: 'accounts', description: 'Accounts that are followed for years' },
        { name: 'jobs', description: 'Work in the background' },
        { name: 'exports', description: 'Posts written to files, to be taken away' },
        { name: 'storage', description: 'What stays in the database and how files are kept' },
        { name: 'alerts', description: 'What needs a hand, and who is told' },
        { name: 'money', description: 'Budgets, spending, prices' },
        { name: 'credentials', description: 'Keys to the platforms' },
        { name: 'nodes', description: 'The machines and processes' },
      ],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutInputs(jsonSchemaTransformObject(document)),
  });
}

/** Every named schema is made twice, as reply and as request; the requests' that no request takes are left out. */
function withoutInputs(document: ReturnType<typeof jsonSchemaTransformObject>): typeof document {
  const schemas = 'components' in document ? document.components?.schemas : undefined;
  if (schemas === undefined) return document;
  for (let found = true; found; ) {
    const text = JSON.stringify(document);
    const unused = Object.keys(schemas).filter(
      (name) => name.endsWith('Input') && !text.includes(`"#/components/schemas/${name}"`),
    );
    for (const name of unused) delete schemas[name];
    found = unused.length > 0;
  }
  return document;
}

export function openApiRoute(app: App): void {
  app.get('/api/v1/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(openApiText(app)),
  );
}

export function openApiText(app: App): string {
  return `${JSON.stringify(app.swagger(), undefined, 2)}\n`;
}
