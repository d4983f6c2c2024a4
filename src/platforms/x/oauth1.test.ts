import { describe, expect, it } from 'vitest';
import { oauth1Header } from './oauth1.ts';

describe('oauth1Header', () => {
  it("signs the example of X's documentation as it says", () => {
    const header = oauth1Header(
      {
        consumerKey: 'xvz1evFS4wEEPTGEFPHBog',
        consumerSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
        token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
        tokenSecret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
      },
      {
        method: 'post',
        url: new URL('https://api.twitter.com/1.1/statuses/update.json?include_entities=true'),
        form: new URLSearchParams({ status: 'Hello Ladies + Gentlemen, a signed OAuth request!' }),
      },
      { timestampS: 1318622958, nonce: 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg' },
    );
    expect(header).toContain('oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"');
    expect(header).toMatch(/^OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", /);
  });

  it('signs for the app alone, parameters of the protocol included', () => {
    // The example of X's "Log in with X", whose signature is published with it.
    const header = oauth1Header(
      { consumerKey: 'cChZNFj6T5R0TigYB9yd1w', consumerSecret: 'L8qq9PZyRg6ieKGEKhZolGC0vJWLw8iEJ88DRdyOg' },
      {
        ...{ method: 'POST', url: new URL('https://api.twitter.com/oauth/request_token') },
        more: { oauth_callback: 'http://localhost/sign-in-with-twitter/' },
      },
      { timestampS: 1318467427, nonce: 'ea9ec8429b68d6b77cd5600adbbb0456' },
    );
    expect(header).toContain('oauth_signature="F1Li3tvehgcraF8DMJ7OyxO4w9Y%3D"');
    expect(header).not.toContain('oauth_token');
  });
});
