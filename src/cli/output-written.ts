/** Node's writes to pipes are done later: a process that exits at once loses what is beyond the first 64 kB. */

/** Resolves when all that was written so far is with whoever reads it, or cannot be any more. Waits for a slow reader, as any program in a pipe does. */
export async function outputWritten(streams: readonly NodeJS.WritableStream[]): Promise<void> {
  await Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))));
}
