/** A program that seals one segment: `node seal-once.ts REQUEST`, a SealRequest as JSON. */
import { type SealRequest, sealSegment } from '../../src/capture/segment/seal.ts';

await sealSegment(JSON.parse(process.argv[2] ?? '') as SealRequest);
