import { expect, it } from 'vitest';
import { instantText } from './instant-text.ts';

it('takes instants that there are, and no year 0', () => {
  for (const there of ['0001-01-01T00:00:00Z', '2026-02-28T23:59:59.999Z', '9999-12-31T23:59:59Z'])
    expect(instantText.safeParse(there).success, there).toBe(true);
  for (const none of ['0000-01-01T00:00:00Z', '0000-12-31T23:59:59.999Z', '2026-02-31T00:00:00Z', 'yesterday'])
    expect(instantText.safeParse(none).success, none).toBe(false);
});
