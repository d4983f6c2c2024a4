import { describe, expect, it } from 'vitest';
import { percentEncode, readOAuthHeader, sign, signatureBase } from './oauth1-signature.ts';

describe('signatures of OAuth 1.0a', () => {
  it('are made over the base string of RFC 5849 §3.4.1.1', () => {
    const base = signatureBase('post', 'http://example.com/request', [
      ['b5', '=%3D'],
      ['a3', 'a'],
      ['c@', ''],
      ['a2', 'r b'],
      ['oauth_consumer_key', '9djdj82h48djs9d2'],
      ['oauth_token', 'kkk9d7dh3k39sjv7'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '137131201'],
      ['oauth_nonce', '7d8f3e4a'],
      ['c2', ''],
      ['a3', '2 q'],
    ]);
    expect(base).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    );
  });

  it.each([
    [
      'POST',
      'https://photos.example.net/token',
      'hdhd0244k9j7ao03',
      {
        oauth_timestamp: '137131201',
        oauth_nonce: 'walatlh',
        oauth_token: 'hh5s93j4hdidpola',
        oauth_verifier: 'hfdp7dh39dks9884',
      },
      'gKgrFCywp7rO0OXSjdot/IHF7IU=',
    ],
    [
      'GET',
      'http://photos.example.net/photos',
      'pfkkdhi9sl3r4s00',
      {
        oauth_timestamp: '137131202',
        oauth_nonce: 'chapoH',
        oauth_token: 'nnch734d00sl2jdk',
        file: 'vacation.jpg',
        size: 'original',
      },
      'MdpQcU8iPSUjWoN/UDMsK2sui9I=',
    ],
  ])('are those of RFC 5849 §1.2: %s %s', (method, address, tokenSecret, parameters, signature) => {
    const all = { oauth_consumer_key: 'dpf43f3p2l4k3l03', oauth_signature_method: 'HMAC-SHA1', ...parameters };
    expect(sign(signatureBase(method, address, Object.entries(all)), 'kd94hf93k423kf44', tokenSecret)).toBe(signature);
  });

  it("are those of the platform's documentation", () => {
    const parameters = {
      status: 'Hello Ladies + Gentlemen, a signed OAuth request!',
      include_entities: 'true',
      oauth_consumer_key: 'xvz1evFS4wEEPTGEFPHBog',
      oauth_nonce: 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: '1318622958',
      oauth_token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
      oauth_version: '1.0',
    };
    const base = signatureBase('POST', 'https://api.twitter.com/1.1/statuses/update.json', Object.entries(parameters));
    const signature = sign(
      base,
      'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
      'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
    );
    expect(signature).toBe('hCtSmYh+iHYCEqBWrE7C7hYmtUk=');
  });

  it('encode all but letters, digits and -._~', () => {
    expect(percentEncode("An encoded string! *'()☃~-._")).toBe('An%20encoded%20string%21%20%2A%27%28%29%E2%98%83~-._');
  });

  it('are read from headers', () => {
    const header = 'OAuth realm="x", oauth_nonce="a%2Bb",oauth_signature="q%2F%3D" , oauth_version="1.0"';
    expect([...(readOAuthHeader(header) ?? [])]).toEqual([
      ['realm', 'x'],
      ['oauth_nonce', 'a+b'],
      ['oauth_signature', 'q/='],
      ['oauth_version', '1.0'],
    ]);
    expect([readOAuthHeader('Bearer x'), readOAuthHeader('OAuth a="%E0%A4%A"')]).toEqual([undefined, undefined]);
  });
});
