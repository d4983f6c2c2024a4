import { describe, expect, it } from 'vitest';
import { mayReach, type Resolve } from './may-reach.ts';
import { whyNotPublic, whyNotPublicName } from './public-address.ts';

const signal = new AbortController().signal;
const nobody: Resolve = async () => {
  throw new Error('nobody was to be asked');
};
const answering =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const reach = async (url: string, resolve: Resolve = nobody, allowed: string[] = []) =>
  (await mayReach(new URL(url), { allowed: new Set(allowed), resolve, signal })).kind;

describe('an address', () => {
  it.each([
    ...['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
    ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'],
    ...['198.17.255.255', '198.20.0.0', '223.255.255.255', '192.0.1.0', '168.63.129.15'],
    ...['2606:4700:4700::1111', '2a00:1450:4001:80b::200e', '2001:4860:4860::8888', '3ffe::1'],
    ...['::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1', '::8.8.8.8', '2001:0:808:808::f7f7:f7f7'],
  ])('%s is public', (address) => expect(whyNotPublic(address)).toBeUndefined());

  it.each([
    ...['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255', '127.0.0.1'],
    ...['127.255.255.255', '169.254.0.1', '169.254.169.254', '172.16.0.0', '172.31.255.255', '192.0.0.192'],
    ...['192.0.2.1', '192.88.99.1', '192.168.0.0', '192.168.255.255', '198.18.0.0', '198.19.255.255'],
    ...['198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ...['100.100.100.200', '168.63.129.16'],
    ...['::', '::1', '0:0:0:0:0:0:0:1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'febf::1', 'fec0::1', 'ff02::1'],
    ...['2001:db8::1', '3fff::1', '2001:2::1', '2001:10::1', '100::1', '5f00::1', '4000::1', '64:ff9b:1::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:a9fe:a9fe', '::127.0.0.1', '64:ff9b::10.0.0.1'],
    ...['64:ff9b::7f00:1', '2002:7f00:1::', '2002:a9fe:a9fe::1', '2001:0:7f00:1::1', '2001:0:808:808::80ff:fffe'],
    ...['2a00::5efe:127.0.0.1', '2a00::200:5efe:10.0.0.1', '::ffff:0:127.0.0.1', 'fe80::1%eth0', 'one', '', '1.2.3'],
  ])('%s is not', (address) => expect(whyNotPublic(address)).toEqual(expect.any(String)));

  it('is judged as the number it stands for, however it is spelt', async () => {
    const spellings = [
      ...['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0x7f.1', '127.0.0.1.', '0', '0xa9fea9fe', '１２７.0.0.1'],
      ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:0:0:1]', '[64:ff9b::169.254.169.254]', '①②⑦.⓪.⓪.①'],
    ];
    for (const host of spellings) expect([host, await reach(`http://${host}/`)]).toEqual([host, 'refused']);
  });
});

describe('a name', () => {
  it('that means a machine nearby is not looked up', () => {
    for (const name of [
      'localhost',
      'LOCALHOST',
      'localhost.',
      'a.localhost',
      'printer.local',
      'db',
      'metadata.google.internal',
      'nas.home.arpa',
      'router.lan',
    ])
      expect([name, whyNotPublicName(name)]).toEqual([name, expect.any(String)]);
    for (const name of ['example.org', 'example.org.', 'localhost.example.org', 'notlocalhost.com', 'local.example'])
      expect([name, whyNotPublicName(name)]).toEqual([name, undefined]);
  });

  it('is refused when one of its addresses is not public, wherever it stands', async () => {
    expect(await reach('https://example.org/', answering('8.8.8.8', '2606:4700::1'))).toBe('open');
    for (const bad of ['127.0.0.1', '10.1.2.3', '::1', 'fd00:ec2::254', '::ffff:169.254.169.254'])
      for (const answers of [[bad], [bad, '8.8.8.8'], ['8.8.8.8', '2606:4700::1', bad]])
        expect(await reach('https://example.org/', answering(...answers))).toBe('refused');
    expect(await reach('https://example.org/', answering())).toBe('unknown');
  });
});

describe('what else is looked at', () => {
  it('protocols and ports that are none of the web are refused', async () => {
    for (const url of [
      'file:///etc/passwd',
      'ftp://example.org/',
      'gopher://example.org/',
      'data:text/plain,a',
      'javascript:1',
    ])
      expect([url, await reach(url)]).toEqual([url, 'refused']);
    for (const port of [22, 25, 1, 1023, 443, 80, 8080])
      expect([port, await reach(`http://example.org:${port}/`, answering('8.8.8.8'))]).toEqual([
        port,
        [443, 80, 8080].includes(port) ? 'open' : 'refused',
      ]);
  });

  it('an allowed host is open on its port alone, by the name that is in the list alone', async () => {
    const allowed = ['127.0.0.1:4200', '[::1]:4200', 'wiki.intranet:80'];
    expect(await reach('http://127.0.0.1:4200/', nobody, allowed)).toBe('open');
    expect(await reach('http://[::1]:4200/', nobody, allowed)).toBe('open');
    expect(await reach('http://wiki.intranet/', answering('10.0.0.5'), allowed)).toBe('open');
    expect(await reach('http://127.0.0.1:4201/', nobody, allowed)).toBe('refused');
    expect(await reach('http://127.0.0.2:4200/', nobody, allowed)).toBe('refused');
    expect(await reach('http://trick.example:4200/', answering('127.0.0.1'), allowed)).toBe('refused');
  });
});
