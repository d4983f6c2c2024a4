/** Headers of a request for one of X's streams; `gzip` asks the platform to pack it. */
export function streamHeaders({
  authorization,
  gzip,
}: {
  authorization: string;
  gzip: boolean;
}): Record<string, string> {
  return {
    authorization,
    'user-agent': 'mistnet',
    'accept-encoding': gzip ? 'gzip' : 'identity',
  };
}
