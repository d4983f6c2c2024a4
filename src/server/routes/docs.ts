import swaggerUi from '@fastify/swagger-ui';
import type { App } from '../app-type.ts';

/**
 * The API's description as pages to read and try, at /api/docs: files of our own alone, under the page's policy. `basePath`: below which
 * browsers see it, `''` or `/mistnet`.
 */
export async function docsRoutes(app: App, { basePath }: { basePath: string }): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    indexPrefix: basePath,
    uiConfig: { deepLinking: true, docExpansion: 'list', validatorUrl: null, persistAuthorization: false },
    theme: {
      title: 'mistnet API',
      css: [{ filename: 'mistnet.css', content: css }],
    },
    // The one style element that the library writes, by its digest; all else of the page's policy stays.
    transformStaticCSP: (policy) => policy.replace("style-src 'self'", `style-src 'self' '${STYLE_DIGEST}'`),
    logo: { type: 'image/svg+xml', content: Buffer.from(logo) },
  });
}

/** The plugin's bar names a product of others and asks for addresses of descriptions. */
const css = '.swagger-ui .topbar { display: none } .swagger-ui .information-container { padding-top: 1rem }';
const logo = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';
const STYLE_DIGEST = 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w=';
