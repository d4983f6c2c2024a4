import { describe, expect, it } from 'vitest';
import { mayGoTo, placeOfAlert } from './alert-places.ts';

describe('where what an alert tells of is put right', () => {
  it('is a page of its own for what has one, else the page of its collection', () => {
    expect(placeOfAlert({ kind: 'budget-near', collection: 'birds' })).toEqual({
      to: '/admin/budgets',
      action: 'Budgets',
    });
    expect(placeOfAlert({ kind: 'backup-old', collection: null })).toEqual({ to: '/admin/storage', action: 'Storage' });
    expect(placeOfAlert({ kind: 'stream-silent', collection: 'birds' })).toMatchObject({ collection: 'birds' });
    expect(placeOfAlert({ kind: 'delivery-failing', collection: null }).to).toBe('/admin/alerts');
  });

  it('leads nobody to where they can do nothing', () => {
    const budgets = placeOfAlert({ kind: 'budget-near', collection: null });
    expect(mayGoTo(budgets, true)).toBe(true);
    expect(mayGoTo(budgets, false)).toBe(false);
    expect(mayGoTo(placeOfAlert({ kind: 'job-dead', collection: null }), false)).toBe(true);
  });
});
