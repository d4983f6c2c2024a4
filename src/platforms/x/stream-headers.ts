/** Headers of a request for one of X's streams; `gzip` asks the platform to pack it. */
export function streamHeaders({ token, gzip }: { token: string; gzip: boolean }): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    'user-agent': 'mistnet',
    'accept-encoding': gzip ? 'gzip' : 'identity',
  };
}
