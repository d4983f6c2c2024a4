/** Whether the app keeps its client secret to itself and must show it (RFC 6749 §2.1). `either`: when it shows one, it must be right. */
export type ClientType = 'confidential' | 'public' | 'either';

/** A registered app with all its keys. */
export interface App {
  /** Decimal. */
  readonly id: string;
  readonly name: string;
  /** Account number of the developer. */
  readonly owner: number;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientType: ClientType;
  /** Where OAuth 2 and OAuth 1.0a may send users back to; empty: anywhere. */
  readonly redirectUris: readonly string[];
}
