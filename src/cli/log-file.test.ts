import { describe, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

function fileWithRoom(bytes: number) {
  const file = { room: bytes, text: '' };
  const append = (chunk: Buffer): number => {
    if (file.room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const taken = chunk.subarray(0, file.room);
    file.room -= taken.length;
    file.text += taken.toString('utf8');
    return taken.length;
  };
  return { file, log: new LogFile(append, () => new Date('2026-11-22T13:00:00Z')) };
}

describe('the log of a role', () => {
  it('throws nothing when the disk is full, and has every line whole and in order when there is room again', () => {
    const { file, log } = fileWithRoom(10);
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) log.write(line);
    expect(file.text).toBe('one\ntwo\nth');
    file.room = 1000;
    log.write('five\n');
    expect(file.text).toBe('one\ntwo\nthree\nfour\nfive\n');
  });

  it('keeps a mebibyte and tells how many lines it could not', () => {
    const { file, log } = fileWithRoom(0);
    const line = `${'x'.repeat(1023)}\n`;
    for (let written = 0; written < 1100; written++) log.write(line);
    file.room = Number.MAX_SAFE_INTEGER;
    log.write('back\n');
    const lines = file.text.split('\n');
    expect(lines).toHaveLength(1025 + 2);
    expect(lines[1025]).toBe('{"level":40,"time":"2026-11-22T13:00:00.000Z","lines":76,"msg":"log.lost"}');
  });
});
