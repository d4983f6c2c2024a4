/** A page that was bought as frames: a post each, then what is to be known of the page with everything else that the answer held. */
import type { PageFrames } from '../capture/page-log.ts';
import type { ReadPage } from '../platforms/read-adapter.ts';
import { splitPage } from '../platforms/x/split-page.ts';

/** `marker` becomes the member `mistnet` of the last frame, by which its reader finds after a crash what it had. */
export function pageFrames(page: ReadPage, marker: object, session: string): PageFrames {
  const parts = splitPage(page.body);
  const frames: PageFrames['frames'] = [];
  for (const [at, payload] of (parts?.posts ?? []).entries()) {
    const postId = parts?.ids[at];
    frames.push({ payload, lineClass: postId === undefined ? { kind: 'malformed' } : { kind: 'post', postId } });
  }
  const head = JSON.stringify({ mistnet: marker }).slice(0, -1);
  // Whitespace may stand before and within the object; what follows its brace goes behind our own member.
  const rest = parts?.rest.subarray(parts.rest.indexOf('{') + 1) ?? Buffer.from('}');
  const isEmpty = rest.toString('utf8').trim() === '}';
  const payload = Buffer.concat([Buffer.from(isEmpty ? head : `${head},`), rest]);
  frames.push({ payload, lineClass: { kind: 'control' } });
  return { atMs: Date.parse(page.receivedAt), platform: 'x', endpoint: page.endpoint, session, frames };
}
