import { expect, it } from 'vitest';
import { whileVisible } from './while-visible.ts';

it('opens when the page can be seen, closes when it cannot, and no more after its end', () => {
  const said: string[] = [];
  const page = Object.assign(new EventTarget(), { hidden: true });
  const turn = (hidden: boolean) => {
    page.hidden = hidden;
    page.dispatchEvent(new Event('visibilitychange'));
  };
  const open = () => {
    said.push('open');
    return () => said.push('close');
  };
  const end = whileVisible(open, page as unknown as Document);
  expect(said).toEqual([]);
  turn(false);
  turn(false);
  expect(said).toEqual(['open']);
  turn(true);
  turn(true);
  expect(said).toEqual(['open', 'close']);
  turn(false);
  end();
  turn(true);
  turn(false);
  expect(said).toEqual(['open', 'close', 'open', 'close']);
});
