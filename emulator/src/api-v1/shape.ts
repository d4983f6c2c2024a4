/** How a client wants statuses and users to be shown, and where. */
export interface Shape {
  /** `compat`: texts of 140; `extended`: `tweet_mode=extended`; `stream`: as streams send them. */
  readonly mode: 'compat' | 'extended' | 'stream';
  readonly includeEntities: boolean;
  /** Of users nothing but their ids. */
  readonly trimUser: boolean;
  /** `include_ext_alt_text` */
  readonly altText: boolean;
  /** Search adds `metadata` and has no `quoted_status_permalink`. */
  readonly inSearch: boolean;
  /** Account number of the user who asks; undefined for an app, which follows nobody. */
  readonly viewer: number | undefined;
}

export const STREAM_SHAPE: Shape = {
  mode: 'stream',
  includeEntities: true,
  trimUser: false,
  altText: false,
  inSearch: false,
  viewer: undefined,
};
