/**
 * What lies in a collection's segments, read without any code of mistnet: from the description of the format alone, so that the judge
 * does not share a fault with the accused.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

/** One frame. `offset`: its position in the segment's plain content. `id`: of the post, undefined for any other line. */
export type KeptFrame = { segment: string; offset: number; at: string; payload: Buffer; id: string | undefined };

export type KeptSegment = { path: string; segment: string; sealed: boolean; hour: string; frames: KeptFrame[] };

/** All segments of a plan, by their number. Throws at bytes that are no frame. What is sealed or compacted meanwhile is looked for anew. */
export async function keptSegments(home: string, plan: string): Promise<KeptSegment[]> {
  for (let look = 1; ; look++) {
    try {
      return await lookOnce(home, plan);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || look === 5) throw error;
    }
  }
}

async function lookOnce(home: string, plan: string): Promise<KeptSegment[]> {
  const folder = join(home, 'segments', plan);
  const files = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
  const segments: KeptSegment[] = [];
  for (const path of files.filter((file) => COMPACTED.test(file)))
    segments.push(...(await readCompacted(folder, path)));
  const compacted = new Set(segments.map(({ segment }) => segment));
  const sealed = files.filter((path) => path.endsWith('.jsonl.zst') && !COMPACTED.test(path));
  // Beside the hours' folders lie gaps and, of shared streams, what rules meant.
  const open = files.filter(
    (path) => path.endsWith('.jsonl') && dirname(path) !== folder && !sealed.includes(`${path}.zst`),
  );
  for (const path of [...sealed, ...open]) {
    const segment = basename(path).replace(/\.jsonl(\.zst)?$/, '');
    if (compacted.has(segment)) continue;
    const isSealed = path.endsWith('.zst');
    const bytes = await readFile(path);
    const frames = readFrames(segment, isSealed ? zstdDecompressSync(bytes) : bytes);
    segments.push({ path, segment, sealed: isSealed, hour: hourOf(folder, path), frames });
  }
  return segments.sort((a, b) => orderOf(a.segment) - orderOf(b.segment));
}

/** Two numbers at the end of the name. */
const COMPACTED = /Z-\d+-\d+\.jsonl\.zst$/;

/** The segments in a compacted file by its manifest; none without one, for then the segments' own files are still there. */
async function readCompacted(folder: string, path: string): Promise<KeptSegment[]> {
  const text = await readFile(path.replace(/\.jsonl\.zst$/, '.manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const { parts } = JSON.parse(text) as { parts: { segment: string; offset: number; bytes: number }[] };
  const content = zstdDecompressSync(await readFile(path));
  return parts.map(({ segment, offset, bytes }) => ({
    ...{ path, segment, sealed: true, hour: hourOf(folder, path) },
    frames: readFrames(segment, content.subarray(offset, offset + bytes)),
  }));
}

function hourOf(folder: string, path: string): string {
  const [year, month, day, hour] = relative(folder, path).split('/');
  return `${year}-${month}-${day}T${hour}Z`;
}

/** Ids of all frames that hold a post, in order, repeated ones as often as they were kept. */
export function postIds(segments: KeptSegment[]): string[] {
  return segments.flatMap(({ frames }) => frames.flatMap(({ id }) => (id === undefined ? [] : [id])));
}

/** Lines of all frames, as they were received. */
export function payloads(segments: KeptSegment[]): Buffer[] {
  return segments.flatMap(({ frames }) => frames.map(({ payload }) => payload));
}

function orderOf(segment: string): number {
  return Number(segment.split('-').at(-1));
}

function readFrames(segment: string, content: Buffer): KeptFrame[] {
  const frames: KeptFrame[] = [];
  for (let offset = 0; offset < content.length; ) {
    const head = content.toString('latin1', offset, offset + 4096);
    const parts =
      /^\{"at":"([^"]+Z)","platform":"x","endpoint":"[^"]+","session":"[^"]+","bytes":(\d+),"payload(_base64)?":/.exec(
        head,
      );
    if (parts === null) throw new Error(`${segment}: no frame at ${offset}: ${head.slice(0, 100)}`);
    const [key, at = '', count, base64] = parts;
    const from = offset + key.length;
    const length = Number(count);
    const to = base64 === undefined ? from + length : content.indexOf('"', from + 1);
    const payload =
      base64 === undefined
        ? content.subarray(from, to)
        : Buffer.from(content.toString('latin1', from + 1, to), 'base64');
    const end = content.indexOf('\n', to);
    const closing = content.toString('latin1', to, end);
    if (payload.length !== length || closing !== (base64 === undefined ? '}' : '"}'))
      throw new Error(`${segment}: the frame at ${offset} is torn`);
    frames.push({ segment, offset, at, payload, id: idOf(payload) });
    offset = end + 1;
  }
  return frames;
}

function idOf(payload: Buffer): string | undefined {
  try {
    const line = JSON.parse(payload.toString('utf8')) as { data?: { id?: unknown }; id_str?: unknown; id?: unknown };
    // v2's stream lines, v1.1's statuses, posts with their author inside.
    const id = line.data?.id ?? line.id_str ?? line.id;
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined; // a malformed line is kept too; it holds no post
  }
}
