import { describe, expect, it } from 'vitest';
import { eligibleFor } from './credential-pool.ts';
import type { EndpointLimit, PooledCredential } from './permit-source.ts';

const limit: EndpointLimit = { endpoint: 'GET /2/tweets/search/stream', windowMs: 900_000, app: 50, user: undefined };
const reserve = { resource: 'post', atMost: 1 } as const;
const authorization: PooledCredential['authorization'] = () => '';
const own: PooledCredential = { label: 'x-ann', kind: 'user', isPersonal: true, authorization };
const app: PooledCredential = { label: 'desk', kind: 'app', authorization };

describe('which credentials can make a call', () => {
  it('are those of the kind that the endpoint takes; what belongs to a person only when it is named', () => {
    expect(eligibleFor({ reserve, limit }, [own, app])).toEqual([app]);
    const both = { ...limit, user: 50 };
    expect(eligibleFor({ reserve, limit: both }, [own, app])).toEqual([app]);
    expect(eligibleFor({ reserve, limit: both, credential: 'x-ann' }, [own, app])).toEqual([own]);
  });

  it('says of a key that was chosen what it is and what is needed', () => {
    expect(() => eligibleFor({ reserve, limit, credential: 'x-ann' }, [own, app])).toThrow(
      'The key "x-ann" cannot be used for GET /2/tweets/search/stream: it is the token of a person, and that takes the token of an app.',
    );
    expect(() => eligibleFor({ reserve, limit, credential: 'gone' }, [own, app])).toThrow('it must be "gone"');
    expect(() => eligibleFor({ reserve, limit }, [own])).toThrow('a user may not call it');
  });

  it('tell whoever has none yet to add one, and of which kind', () => {
    const none = () => eligibleFor({ reserve, limit: { ...limit, user: undefined }, credential: 'environment' }, []);
    expect(none).toThrow('There is no key to the platform yet. Add one, the token of an app: Credentials on the page');
    expect(none).not.toThrow('environment');
  });
});
