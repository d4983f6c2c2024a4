/** Home pages of programs; of any other a page of the invented web. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ['Twitter for Android', 'http://twitter.com/download/android'],
  ['Twitter for iPhone', 'http://twitter.com/download/iphone'],
  ['Twitter for iPad', 'http://twitter.com/#!/download/ipad'],
  ['Twitter Web App', 'https://mobile.twitter.com'],
  ['Twitter Web Client', 'http://twitter.com'],
  ['TweetDeck', 'https://about.twitter.com/products/tweetdeck'],
  ['IFTTT', 'https://ifttt.com'],
  ['Instagram', 'http://instagram.com'],
  ['dlvr.it', 'https://dlvrit.com/'],
  ['twittbot.net', 'http://twittbot.net/'],
]);

/** v1.1 names the program that a post was written with as a link. */
export function programAnchor(program: string): string {
  const page = PAGES.get(program) ?? `https://programs.example/${encodeURIComponent(program)}`;
  return `<a href="${page}" rel="nofollow">${program}</a>`;
}
