import { basename, dirname, extname } from 'node:path';
import { z } from 'zod';
import type { App } from '../app-type.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies, streamReply } from '../reply-schemas.ts';
import { downloadPolicy } from '../security-headers.ts';

/** Whose mistnet this is. `logo`: an absolute path. */
export type Institution = { name: string; url: string; address: readonly string[]; mail?: string; logo?: string };

const institutionReplySchema = z
  .object({
    institution: z
      .object({
        name: z.string(),
        url: z.string(),
        address: z.array(z.string()).meta({ description: 'Its lines' }),
        mail: z.string().nullable(),
        logo: z.string().nullable().meta({ description: 'Path on this server to read it from' }),
      })
      .nullable()
      .meta({ description: 'Null where the settings name none' }),
  })
  .meta({ id: 'Institution' });

const TYPES: Record<string, string> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

/** What stands at the foot of every page, for those who did not sign in too. */
export function institutionRoutes(app: App, { institution }: { institution: Institution | undefined }): void {
  app.get(
    '/api/v1/institution',
    {
      schema: {
        operationId: 'getInstitution',
        summary: 'Whose mistnet this is',
        tags: ['session'],
        response: { 200: jsonReply('Its name and address', institutionReplySchema) },
      },
    },
    async () => {
      if (institution === undefined) return { institution: null };
      const { name, url, address, mail = null, logo } = institution;
      const logoPath = logo === undefined ? null : '/api/v1/institution/logo';
      return { institution: { name, url, address: [...address], mail, logo: logoPath } };
    },
  );
  app.get(
    '/api/v1/institution/logo',
    {
      schema: {
        operationId: 'getInstitutionLogo',
        summary: 'Its logo',
        tags: ['session'],
        response: { 200: streamReply('The file', 'image/*'), ...problemReplies(404) },
      },
    },
    async (_request, reply) => {
      const logo = institution?.logo;
      const type = TYPES[extname(logo ?? '').toLowerCase()];
      if (logo === undefined || type === undefined)
        throw new ProblemError('file.unknown', 'The settings name no logo.');
      return reply
        .type(type)
        .header('cache-control', 'no-cache')
        .header('content-security-policy', downloadPolicy)
        .sendFile(basename(logo), dirname(logo), { contentType: false, cacheControl: false, etag: true });
    },
  );
}
