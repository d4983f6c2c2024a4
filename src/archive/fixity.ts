/** Whether sealed files are still what their manifests say. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readCompactedManifest, readManifest } from '../capture/segment/manifest.ts';
import { MANIFEST_SUFFIX, SEALED_SUFFIX, sealedPlace, type SegmentFiles } from '../capture/segment/layout.ts';
import { causeText } from '../core/errors.ts';

/** Compares packed files with the digests in their manifests; a compacted one once for all segments in it. For one pass over a day or so. */
export class Fixity {
  readonly #found = new Map<string, Promise<{ bytes: number } | { reason: string }>>();

  /**
   * Why a segment cannot be relied on, one phrase; undefined when its packed file is whole and it has `bytes` of content there. An open
   * segment has nothing to be compared with.
   */
  async trouble(files: SegmentFiles, bytes: number): Promise<string | undefined> {
    if (!files.sealed) return 'it is not sealed';
    const { path } = sealedPlace(files);
    const looking = this.#found.get(path) ?? compare(path, files.part !== undefined);
    this.#found.set(path, looking);
    const found = await looking;
    if ('reason' in found) return found.reason;
    return (files.part?.manifest.bytes ?? found.bytes) === bytes ? undefined : 'it has another length than was loaded';
  }
}

/** The bytes of content that the manifest promises, or why it cannot be believed. */
async function compare(path: string, isCompacted: boolean): Promise<{ bytes: number } | { reason: string }> {
  try {
    const manifestPath = `${path.slice(0, -SEALED_SUFFIX.length)}${MANIFEST_SUFFIX}`;
    const { sha256, bytes } = isCompacted
      ? await readCompactedManifest(manifestPath)
      : await readManifest(manifestPath);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
    return hash.digest('hex') === sha256 ? { bytes } : { reason: 'its packed file is not what the manifest says' };
  } catch (error) {
    return { reason: causeText(error) };
  }
}
