/** Keys and what they can do, in plain words. */
import type { Credential } from './api/use-admin.ts';

export const kindWords: Record<Credential['kind'], string> = {
  app: 'an app’s token',
  oauth1: 'a person’s token (OAuth 1.0a)',
  oauth2: 'a person’s token (OAuth 2)',
};

/** Completes "It can …". An ability that is not known here is named as the server names it. */
export function abilityWords(ability: string): string {
  return words[ability] ?? `use ${ability}`;
}

const words: Record<string, string> = {
  'who it is': 'say whose it is',
  'usage figures': 'read how much was used',
  'posts by id': 'look posts up by their ids',
  accounts: 'look accounts up',
  timelines: 'read timelines',
  'recent search': 'search the last seven days',
  'full archive': 'search all posts since 2006',
  followers: 'read who follows whom',
  'filtered stream': 'hold a stream of words, people and places',
  'v1.1': 'use the older API (v1.1)',
};
