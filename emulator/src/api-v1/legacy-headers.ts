/** Headers of every answer of v1.1. @param at real Unix ms */
export function legacyHeaders(transaction: number, at: number): Record<string, string> {
  const id = transaction.toString(16).padStart(16, '0');
  return {
    'cache-control': 'no-cache, no-store, must-revalidate, pre-check=0, post-check=0',
    'content-disposition': 'attachment; filename=json.json',
    'content-type': 'application/json;charset=utf-8',
    expires: 'Tue, 31 Mar 1981 05:00:00 GMT',
    'last-modified': new Date(at).toUTCString(),
    pragma: 'no-cache',
    server: 'mistnet-emulator',
    'x-access-level': 'read',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'x-transaction': id,
    'x-transaction-id': id,
    'x-xss-protection': '0',
  };
}
