import type { LineClass } from '../adapter.ts';
import { decodeLine } from './decode.ts';
import { scanPostId } from './scan-post-id.ts';

/** Classifies a line by the byte scan; only a line without a post's id is parsed. */
export function classifyLine(bytes: Buffer, from = 0, to = bytes.length): LineClass {
  const postId = scanPostId(bytes, from, to);
  if (postId !== undefined) return { kind: 'post', postId };
  const text = bytes.toString('utf8', from, to);
  const decoded = decodeLine(text);
  if (decoded.kind === 'post') return { kind: 'post', postId: decoded.post.postId };
  if (decoded.kind === 'malformed') return { kind: 'malformed' };
  const disconnect = disconnectReason(JSON.parse(text));
  return disconnect === undefined ? { kind: 'control' } : { kind: 'control', disconnect };
}

/** An in-stream disconnect says why in `errors[].disconnect_type` (v2) or `disconnect.reason` (v1.1). */
function disconnectReason(message: { errors?: unknown; disconnect?: unknown }): string | undefined {
  if (Array.isArray(message.errors)) {
    const { disconnect_type: type, title, detail } = (message.errors[0] ?? {}) as Record<string, unknown>;
    return textOf(type) ?? textOf(title) ?? textOf(detail) ?? 'error in the stream';
  }
  if (message.disconnect === undefined) return undefined;
  return textOf((message.disconnect as { reason?: unknown } | null)?.reason) ?? 'disconnect';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
