import { describe, expect, it } from 'vitest';
import { chipParts } from './chip-parts.ts';

const separator = /[\n,]/;

describe('what is typed into a field of several texts', () => {
  it('is parted at each separator, at the last letter too', () => {
    expect(chipParts('robin, wren\nowl', separator)).toEqual(['robin', ' wren', 'owl']);
    expect(chipParts('robin,', separator)).toEqual(['robin', '']);
    expect(chipParts('robin', separator)).toEqual(['robin']);
  });

  it('stays together within quotes of any kind, where these keep words together', () => {
    expect(chipParts('"blue sea, tide", owl', separator, true)).toEqual(['"blue sea, tide"', ' owl']);
    expect(chipParts('„blue, sea“,“high, tide”', separator, true)).toEqual(['„blue, sea“', '“high, tide”']);
    expect(chipParts('"blue,', separator, true)).toEqual(['"blue,']);
    expect(chipParts('"blue, sea"', separator)).toEqual(['"blue', ' sea"']);
  });

  it('is parted at line ends though a quote is open', () => {
    expect(chipParts('5" disk\ntape, reel', separator, true)).toEqual(['5" disk', 'tape', ' reel']);
  });
});
