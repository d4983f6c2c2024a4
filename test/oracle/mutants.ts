/** Mistakes that somebody could make and that would cost data. The suite must notice every one of them. */
export type Mutant = {
  /** What the mistake does, for the test's name. */
  mistake: string;
  file: string;
  /** Stands in the file exactly once. */
  was: string;
  becomes: string;
  /** The test files that must fail. */
  noticedBy: string[];
};

export const mutants: Mutant[] = [
  {
    mistake: 'a torn tail stays in the segment that is sealed',
    file: 'src/capture/segment/recover.ts',
    was: '    await truncate(path, end);\n',
    becomes: '',
    noticedBy: ['test/integration/capture-recover.test.ts'],
  },
  {
    mistake: 'the open file goes before the manifest is there',
    file: 'src/capture/segment/seal.ts',
    was: '  await rename(temporary, sealedPath);\n  await syncFolder(dirname(stem));\n',
    becomes: '  await rename(temporary, sealedPath);\n  await rm(openPath);\n',
    noticedBy: ['test/integration/capture-recover.test.ts'],
  },
  {
    mistake: 'a segment sealed out of turn is never counted',
    file: 'src/capture/checkpoint.ts',
    was: 'return sequence <= checkpoint.sequence && !checkpoint.uncounted.includes(sequence);',
    becomes: 'return sequence <= checkpoint.sequence;',
    noticedBy: ['src/capture/checkpoint.test.ts'],
  },
  {
    mistake: 'too short a backfill is asked for',
    file: 'src/capture/stream-session.ts',
    was: 'Math.max(1, Math.ceil(silentMs / 60_000))',
    becomes: 'Math.max(1, Math.floor(silentMs / 60_000))',
    noticedBy: ['src/capture/stream-session.test.ts'],
  },
  {
    mistake: 'a clock that was set back makes a silence short',
    file: 'src/capture/stream-session.ts',
    was: 'return nowMs < sinceMs - CLOCK_JITTER_MS;',
    becomes: 'return nowMs < sinceMs - 1e15;',
    noticedBy: ['src/capture/stream-session.test.ts'],
  },
  {
    mistake: 'a sync that failed is believed when the next one succeeds',
    file: 'src/capture/segment/open-segment.ts',
    was: 'if (this.#isDoubtful) await writeAgain(',
    becomes: 'if (this.#isDoubtful && this.#unsynced < 0) await writeAgain(',
    noticedBy: ['src/capture/segment/open-segment.test.ts'],
  },
  {
    mistake: 'reconnects never slow down',
    file: 'src/capture/stream-session.ts',
    was: 'network: attempts.network + 1',
    becomes: 'network: attempts.network',
    noticedBy: ['src/capture/stream-session.test.ts'],
  },
  {
    mistake: 'a silence begins anew with each failed reconnect',
    file: 'src/capture/stream-session.ts',
    was: 'missing: memory.missing ?? { sinceMs, cause, evidence }',
    becomes: 'missing: { sinceMs, cause, evidence }',
    noticedBy: ['src/capture/stream-session.test.ts'],
  },
  {
    mistake: 'a backfill that broke off counts as complete',
    file: 'src/capture/heard-until.ts',
    was: 'return Math.max(missingSinceMs, heardUntil(lastByteAtMs, lastId, facts));',
    becomes: 'return lastByteAtMs;',
    noticedBy: ['src/capture/heard-until.test.ts'],
  },
  {
    mistake: "a reference's id is taken for the post's",
    file: 'src/platforms/x/scan-post-id.ts',
    was: 'if (depth !== wantedDepth) continue;',
    becomes: 'if (depth < wantedDepth) continue;',
    noticedBy: ['src/platforms/x/scan-post-id.test.ts'],
  },
  {
    mistake: 'bytes that are no UTF-8 are written as if they were text',
    file: 'src/platforms/split-lines.ts',
    was: '(allUtf8 || isUtf8(chunk.subarray(from, line.to)))',
    becomes: '(allUtf8 || true)',
    noticedBy: ['src/platforms/split-lines.test.ts'],
  },
  {
    mistake: 'a chunk as long as what is left of a packet is read beyond its end',
    file: 'src/platforms/chunked-body.ts',
    was: "if (this.#size === 0) this.#place = 'close';",
    becomes:
      "if (this.#size === 0 && end < to) this.#place = 'close';\n        else if (this.#size === 0) this.#place = 'size';",
    noticedBy: ['src/platforms/chunked-body.test.ts'],
  },
  {
    mistake: 'a frame is as long as its text and not as its bytes',
    file: 'src/capture/segment/format.ts',
    was: 'return [Buffer.from(`${head}${payload.length},"payload":`), payload, CLOSING];',
    becomes: 'return [Buffer.from(`${head}${payload.toString().length},"payload":`), payload, CLOSING];',
    noticedBy: ['src/capture/segment/format.test.ts'],
  },
  {
    mistake: 'the digits of long ids are cut',
    file: 'src/process/row-index.ts',
    was: 'const LOW_DIGITS = 9;',
    becomes: 'const LOW_DIGITS = 10;',
    noticedBy: ['src/process/row-index.test.ts'],
  },
  {
    mistake: "the last node's copy of a post wins",
    file: 'src/process/read-node.ts',
    was: '      this.report.unique++;\n    } else {',
    becomes: '      this.report.unique++;\n      this.#keep(known, at);\n    } else {',
    noticedBy: ['test/integration/hourly-shapes.test.ts'],
  },
  {
    mistake: 'the manifest is published before the data',
    file: 'src/process/publish.ts',
    was: '    for (const { file } of Object.values(next.outputs)) await renameIfThere(join(decided, file), join(dayFolder, file));\n',
    becomes:
      '    await rename(join(decided, name), join(dayFolder, name));\n    for (const { file } of Object.values(next.outputs)) await renameIfThere(join(decided, file), join(dayFolder, file));\n',
    noticedBy: ['test/integration/hourly-publish.test.ts'],
  },
  {
    mistake: 'a frame is loaded although another loader was there',
    file: 'src/store/load/write-batch.ts',
    was: "where segment_id = $1 and loaded_offset = $2 and state <> 'loaded'\n        and exists",
    becomes: "where segment_id = $1 and $2::bigint is not null and state <> 'loaded'\n        and exists",
    noticedBy: ['test/integration/store-load.test.ts'],
  },
  {
    mistake: 'the ledger moves although the rows were refused',
    file: 'src/store/load/write-batch.ts',
    was: '    await moveLedger(client, place.segmentId, batch);\n',
    becomes:
      "    await moveLedger(client, place.segmentId, batch);\n    await client.query('commit');\n    await client.query('begin');\n",
    noticedBy: ['test/integration/store-crash.test.ts', 'test/integration/store-load.test.ts'],
  },
];
