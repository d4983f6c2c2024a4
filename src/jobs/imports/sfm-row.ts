/** A row of Social Feed Manager's CSV as a post: what its columns tell and nothing else, marked as such, for the payload is not there. */
import { contradiction, isNumberText, suspicionOf } from './damaged-ids.ts';
import type { Identity } from './post-identity.ts';

export type SfmCells = Record<string, string>;

/**
 * Which post a row is. `twitter_url` holds the id as text that no spreadsheet rounds: an id that was damaged is mended from there, and one that only looks
 * so is proven (`isProven`).
 */
export function identityOfRow(cells: SfmCells): Identity {
  const written = (cells.twitter_id ?? '').replace(/^="?|^'|"$/g, '').trim();
  const inUrl = /\/status(?:es)?\/(\d{1,20})(?:\D|$)/.exec(cells.twitter_url ?? '')?.[1];
  const postedAtMs = instantOf(cells.created_at);
  if (written === '' && inUrl === undefined) return { kind: 'other', what: 'no post (no twitter_id)' };
  const damage = /^\d{1,20}$/.test(written)
    ? undefined
    : isNumberText(written)
      ? 'twitter_id has been a number'
      : 'twitter_id is not 1 to 20 digits';
  const isRounded = inUrl !== undefined && inUrl !== written && isRoundedFrom(written, inUrl);
  if (isRounded && (damage !== undefined || suspicionOf(written) !== undefined)) {
    const reason = contradiction(inUrl, postedAtMs);
    return reason === undefined
      ? { kind: 'sound', id: inUrl, mended: true }
      : { kind: 'damaged', id: written, reason: `${reason} (the id is that of twitter_url)` };
  }
  if (damage !== undefined) return { kind: 'damaged', id: written.slice(0, 40), reason: damage };
  if (inUrl !== undefined && inUrl !== written)
    return { kind: 'damaged', id: written, reason: 'twitter_id and twitter_url name different posts' };
  const reason = contradiction(written, postedAtMs);
  return reason === undefined
    ? { kind: 'sound', id: written, mended: false }
    : { kind: 'damaged', id: written, reason };
}

/** Whether a row's id is proven by its address, so that it says nothing of the file. */
export function isProven(cells: SfmCells, id: string): boolean {
  return new RegExp(`/${id}(\\D|$)`).test(cells.twitter_url ?? '');
}

/** The row as a flattened post. `mistnet.from` says what it is made of, `mistnet.columns` has the row as it was. */
export function payloadOfRow(cells: SfmCells, id: string): Buffer {
  const at = instantOf(cells.created_at);
  const followers = countOf(cells.followers_count);
  const following = countOf(cells.friends_count);
  const reposts = countOf(cells.retweet_count);
  const hashtags = listOf(cells.hashtags).map((tag) => ({ tag: tag.replace(/^#/, '') }));
  const mentions = listOf(cells.mentions).map((name) => ({ username: name.replace(/^@/, '') }));
  const urls = [1, 2].flatMap((number) => {
    const url = cells[`url${number}`] ?? '';
    const expanded = cells[`url${number}_expanded`] ?? '';
    return url === '' ? [] : [{ url, ...(expanded === '' ? {} : { expanded_url: expanded }) }];
  });
  const metrics = {
    ...(followers === undefined ? {} : { followers_count: followers }),
    ...(following === undefined ? {} : { following_count: following }),
  };
  return Buffer.from(
    JSON.stringify({
      id,
      ...(at === undefined ? {} : { created_at: new Date(at).toISOString() }),
      text: cells.text ?? '',
      ...(cells.screen_name === undefined ? {} : { author: { username: cells.screen_name, public_metrics: metrics } }),
      ...(reposts === undefined ? {} : { public_metrics: { retweet_count: reposts } }),
      entities: { hashtags, mentions, urls },
      mistnet: { from: 'sfm-csv', columns: cells },
    }),
  );
}

/** Rounding keeps the beginning: within a hundredth for `1.23E+18`, and as many digits as are written. */
function isRoundedFrom(written: string, id: string): boolean {
  const value = Number(written.replace(',', '.'));
  if (Number.isNaN(value)) return false;
  const digits = written
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/0+$/, '').length;
  return Math.abs(value - Number(id)) <= Number(id) * 10 ** (1 - Math.max(1, digits));
}

/** Instants without a zone are Social Feed Manager's, which wrote UTC. */
function instantOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const ms = Date.parse(/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text.trim()) ? `${text.trim()}Z` : text);
  // Other forms are what a spreadsheet made of it, in whatever zone.
  return /^\d{4}-\d\d-\d\dT/.test(text.trim()) && !Number.isNaN(ms) ? ms : undefined;
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
