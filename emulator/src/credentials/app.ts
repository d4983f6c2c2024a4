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
  /** Where OAuth 2 and OAuth 1.0a may send users back to; empty: anywhere. */
  readonly redirectUris: readonly string[];
}
