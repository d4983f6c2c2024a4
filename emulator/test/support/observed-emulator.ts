import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { constants, gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './specification.ts';
import { type EmulatorOptions, startEmulator } from '../../src/start-emulator.ts';

/** One answer that went to a client, whole; of a stream, one line that did. */
interface Observation {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly text: string;
}

/** An emulator behind a proxy that keeps all answers of v2, to be held against the platform's specification. */
export interface ObservedEmulator extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** `/_emulator/credentials` */
  readonly keys: Readonly<Record<string, string>>;
  /** Expects every answer of v2 until now to be what the specification says, and gives back how many there were. */
  expectAllValid(): number;
}

/** Whether a test that calls `expectAllValid` is to be skipped, and to say so. */
export const LACKS_SPECIFICATIONS: boolean = !HAS_SPECIFICATIONS && process.env['MISTNET_REQUIRE_ALL'] !== '1';

/** Sign-in's answers are not JSON that the specification knows. */
const BEYOND_SPECIFICATION = /^\/2\/oauth2\//;

/** Of each stream, so that checking doesn't take longer than reading. */
const MOST_LINES = 200;

/** Starts an emulator (faults by POST to its own `/_emulator/`) whose v2 answers are all kept. */
export async function observeEmulator(options: EmulatorOptions = {}): Promise<ObservedEmulator> {
  const emulator = await startEmulator(options);
  const observations: Observation[] = [];
  const proxy = createServer((incoming, outgoing) => forward(incoming, outgoing, emulator.port, observations));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  const credentials = await fetch(`${emulator.url}/_emulator/credentials`);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    keys: (await credentials.json()) as Record<string, string>,
    expectAllValid() {
      const specification = new Specification(options.vocabulary ?? '2.166');
      const faults = new Set<string>();
      for (const { method, path, status, text } of observations) {
        try {
          const body: unknown = JSON.parse(text);
          specification.expectValid(method, path, isRulesReport(path, body) ? 200 : status, body);
        } catch (error) {
          faults.add(String(error).slice(0, 1500));
        }
      }
      expect([...faults].slice(0, 5)).toEqual([]);
      return observations.length;
    },
    async [Symbol.asyncDispose]() {
      await emulator[Symbol.asyncDispose]();
      const closed = new Promise<void>((resolve) => proxy.close(() => resolve()));
      proxy.closeAllConnections();
      await closed;
    },
  };
}

/** The specification knows reports on rules with status 200 alone; made rules come with 201, refused ones with 400, in the same words. */
function isRulesReport(path: string, body: unknown): boolean {
  return path.endsWith('/stream/rules') && typeof body === 'object' && body !== null && 'meta' in body;
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, port: number, seen: Observation[]): void {
  const { method = 'GET', url = '/', headers } = incoming;
  const path = url.split('?')[0] ?? '';
  // `agent: false`: a stream must not keep a connection that another request waits for.
  const asked = request({ port, host: '127.0.0.1', method, path: url, headers, agent: false });
  incoming.pipe(asked);
  asked.on('error', () => outgoing.destroy());
  asked.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    // The client shall see a stream that is open and silent as such.
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
    answer.on('close', () => {
      if (!answer.complete) outgoing.destroy();
    });
    outgoing.on('close', () => asked.destroy());
    keep(answer, { method, path, status: answer.statusCode ?? 0 }, seen);
  });
}

function keep(answer: IncomingMessage, about: Omit<Observation, 'text'>, seen: Observation[]): void {
  const isJson = (answer.headers['content-type'] ?? '').includes('json');
  if (!about.path.startsWith('/2/') || !isJson || BEYOND_SPECIFICATION.test(about.path)) return;
  const parts: Buffer[] = [];
  answer.on('data', (part: Buffer) => parts.push(part));
  const isStream = answer.headers['transfer-encoding'] === 'chunked';
  answer.on('close', () => {
    const bytes = Buffer.concat(parts);
    const isGzip = answer.headers['content-encoding'] === 'gzip' && bytes.length > 0;
    // A compressed stream may be cut anywhere: what is whole of it counts.
    const text = (isGzip ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes).toString('utf8');
    const wholes = isStream ? text.split('\r\n').slice(0, -1) : answer.complete ? [text] : [];
    // Spoilt lines and last words are not what the specification describes.
    for (const whole of wholes.slice(0, MOST_LINES)) {
      if (isStream ? whole.startsWith('{"data"') && whole.endsWith('}') : whole !== '')
        seen.push({ ...about, text: whole });
    }
  });
}
