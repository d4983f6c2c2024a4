import type { FastifyRequest } from 'fastify';
import { MistnetError } from '../../core/errors.ts';
import type { Credential } from '../../store/credentials/credentials.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed, longDeed } from '../audit.ts';
import { type Caller, effectiveRole } from '../caller.ts';
import { FieldErrors } from '../field-errors.ts';
import { isOwn, maySee } from '../own-credentials.ts';
import { mayCall } from '../permissions.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { nameOfCaller } from '../who.ts';
import {
  credentialAddSchema,
  credentialChangeSchema,
  credentialParams,
  credentialSchema,
  credentialsReplySchema,
} from './operations-schemas.ts';

const tags = ['credentials'];

/** Keys to the platforms: what each can do, added and never given back. Administrators see all of them, collectors their own. */
export function credentialRoutes(app: App, { sources: { operations } }: { sources: ServerSources }): void {
  /** Throws as if it were not there when it is somebody else's. */
  const mine = async ({ caller }: FastifyRequest, label: string): Promise<Credential> => {
    const found = (await askSource(operations.credentials())).find((each) => each.label === label);
    if (found === undefined || !maySee(caller, found))
      throw new ProblemError('credential.unknown', `There is no credential "${label}".`);
    return found;
  };
  const fresh = async ({ caller }: FastifyRequest, label: string) => {
    const found = (await askSource(operations.credentials())).find((each) => each.label === label);
    if (found === undefined) throw new ProblemError('credential.unknown', `There is no credential "${label}".`);
    return shown(caller, found);
  };
  app.get(
    '/api/v1/credentials',
    {
      schema: {
        operationId: 'listCredentials',
        summary: 'Credentials and what they can do; never what is secret in them',
        tags,
        response: { 200: jsonReply('By label', credentialsReplySchema), ...problemReplies(503) },
      },
    },
    async ({ caller }) => {
      const all = await askSource(operations.credentials());
      return { credentials: all.filter((each) => maySee(caller, each)).map((each) => shown(caller, each)) };
    },
  );
  app.post(
    '/api/v1/credentials',
    {
      schema: {
        operationId: 'addCredential',
        summary: 'Keeps a key, sealed; what is secret in it never comes back',
        tags,
        body: credentialAddSchema,
        response: { 200: jsonReply('Added', credentialSchema), ...problemReplies(400, 409, 503) },
      },
    },
    async (request) => {
      const { label, kind, level, fields } = request.body;
      // What an administrator adds serves everybody, what anybody else adds is their own.
      const isShared = mayCall(effectiveRole(request.caller), 'administrator');
      const owner = isShared ? '' : (request.caller.user?.email ?? '');
      try {
        const added = await changeWithDeed(
          request,
          (made: Credential) => ({ action: 'credential.add', target: label, details: { kind: made.kind } }),
          (inside) => inside.operations.addCredential({ label, kind, level, fields, owner }),
        );
        return shown(request.caller, added);
      } catch (error) {
        if (error instanceof MistnetError && error.code === 'usage.invalid')
          throw new FieldErrors({ fields: error.message }, { cause: error });
        throw error;
      }
    },
  );
  app.post(
    '/api/v1/credentials/:label/probe',
    {
      schema: {
        operationId: 'probeCredential',
        summary: 'Asks the platform what the key can do, by calls that cost nothing; may take half a minute',
        tags,
        params: credentialParams,
        response: { 200: jsonReply('As it is now', credentialSchema), ...problemReplies(400, 404, 409, 503) },
      },
    },
    async (request) => {
      const { label } = request.params;
      await mine(request, label);
      await longDeed(request, { action: 'credential.probe', target: label }, () => operations.testCredential(label));
      return fresh(request, label);
    },
  );
  app.patch(
    '/api/v1/credentials/:label',
    {
      schema: {
        operationId: 'pauseCredential',
        summary: 'Takes a key out of use, or into use again',
        tags,
        params: credentialParams,
        body: credentialChangeSchema,
        response: { 200: jsonReply('As it is now', credentialSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { label } = request.params;
      const { paused, reason } = request.body;
      await mine(request, label);
      const by = nameOfCaller(request.caller);
      const deed = { action: paused ? 'credential.pause' : 'credential.resume', target: label, details: { reason } };
      const why = paused ? `paused by ${by}${reason === '' ? '' : `: ${reason}`}` : null;
      await changeWithDeed(request, deed, (inside) => inside.operations.pauseCredential(label, why));
      return fresh(request, label);
    },
  );
  app.delete(
    '/api/v1/credentials/:label',
    {
      schema: {
        operationId: 'removeCredential',
        summary: 'Forgets a key; work that needs it is paused',
        tags,
        params: credentialParams,
        response: { 200: jsonReply('Those that are left', credentialsReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { label } = request.params;
      await mine(request, label);
      await changeWithDeed(request, { action: 'credential.remove', target: label }, (inside) =>
        inside.operations.removeCredential(label),
      );
      const all = await askSource(operations.credentials());
      const { caller } = request;
      return { credentials: all.filter((each) => maySee(caller, each)).map((each) => shown(caller, each)) };
    },
  );
}

function shown(caller: Caller, credential: Credential) {
  return { ...credential, isMine: isOwn(caller, credential.owner) };
}
