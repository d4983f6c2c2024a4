/**
 * Which hosts a link may lead to: those of the public internet alone. Posts are written by strangers; a link must not make this machine
 * knock at its own doors, at its neighbours', or at the address where a cloud hands out credentials.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** IANA's special-purpose registries, and what clouds use; `why` completes "leads to ADDRESS, which is …". */
const RANGES_V4: readonly (readonly [why: string, ranges: string])[] = [
  ['this machine', '127.0.0.0/8 0.0.0.0/8'],
  ['private', '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16'],
  ['shared by a provider (CGNAT)', '100.64.0.0/10'],
  // 168.63.129.16 is public by its number; within Azure it hands out what a machine may know
  ['link-local or metadata of a cloud', '169.254.0.0/16 168.63.129.16/32'],
  ['reserved', '192.0.0.0/24 192.88.99.0/24 240.0.0.0/4'],
  ['for documentation', '192.0.2.0/24 198.51.100.0/24 203.0.113.0/24'],
  ['for benchmarks', '198.18.0.0/15'],
  ['multicast', '224.0.0.0/4'],
];
const RANGES_V6: readonly (readonly [why: string, ranges: string])[] = [
  ['this machine', '::1/128 ::/128'],
  ['private', 'fc00::/7 fec0::/10'],
  ['link-local', 'fe80::/10'],
  ['multicast', 'ff00::/8'],
  ['for documentation', '2001:db8::/32 3fff::/20'],
  // Protocols, benchmarks, overlay identifiers: 2001::/23 whole; Teredo in it is looked at before
  ['reserved', '2001::/23'],
];

/** Global unicast; what is outside of it and stands for no IPv4 address is not on the public internet. */
const GLOBAL_V6 = blockList(['2000::/3'], 'ipv6');
const BLOCKED_V4 = RANGES_V4.map(([why, ranges]) => ({ why, list: blockList(ranges.split(' '), 'ipv4') }));
const BLOCKED_V6 = RANGES_V6.map(([why, ranges]) => ({ why, list: blockList(ranges.split(' '), 'ipv6') }));

/**
 * Why an IP address may not be reached, as "private"; undefined for a public one. An IPv6 address that stands for an IPv4 address (mapped,
 * compatible, NAT64, 6to4, Teredo, ISATAP) is judged by that. What is no IP address is refused, zones (`fe80::1%eth0`) too.
 */
export function whyNotPublic(address: string): string | undefined {
  if (isIPv4(address)) return BLOCKED_V4.find(({ list }) => list.check(address, 'ipv4'))?.why;
  if (!isIPv6(address) || address.includes('%')) return 'no address';
  const bytes = bytesOfV6(address);
  const embedded = embeddedV4(bytes);
  for (const each of embedded.addresses) {
    const why = whyNotPublic(each);
    if (why !== undefined) return `${why} (${each} in ${embedded.form})`;
  }
  if (embedded.isWhole) return undefined;
  const why = BLOCKED_V6.find(({ list }) => list.check(address, 'ipv6'))?.why;
  return why ?? (GLOBAL_V6.check(address, 'ipv6') ? undefined : 'reserved');
}

/** Names that mean a machine nearby, whatever a resolver says of them. */
const NEAR_NAMES = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|home\.arpa|onion|localdomain)$/;

/** Why a host's name may not be looked up; undefined when it may. Write it as a URL's `hostname` has it. */
export function whyNotPublicName(hostname: string): string | undefined {
  const name = hostname.replace(/\.$/, '').toLowerCase();
  if (NEAR_NAMES.test(name)) return 'a name for machines nearby';
  return name.includes('.') ? undefined : 'a name for machines nearby: it has no dot';
}

/** The IPv4 addresses that an IPv6 address leads to. `isWhole`: it says nothing beyond them. */
function embeddedV4(bytes: number[]): { addresses: string[]; form: string; isWhole: boolean } {
  const at = (from: number) => bytes.slice(from, from + 4).join('.');
  const isZero = (from: number, to: number) => bytes.slice(from, to).every((byte) => byte === 0);
  const word = (index: number) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0);
  const whole = (form: string, address: string) => ({ addresses: [address], form, isWhole: true });
  if (isZero(0, 10) && word(5) === 0xffff) return whole('a mapped address', at(12));
  if (isZero(0, 12) && !isZero(12, 14)) return whole('a compatible address', at(12));
  if (word(0) === 0x64 && word(1) === 0xff9b && isZero(4, 12)) return whole('a NAT64 address', at(12));
  if (word(0) === 0x2002) return whole('a 6to4 address', at(2));
  if (word(0) === 0x2001 && word(1) === 0) {
    const client = bytes.slice(12).map((byte) => byte ^ 0xff);
    return { addresses: [at(4), client.join('.')], form: 'a Teredo address', isWhole: true };
  }
  if ((word(4) & 0xfdff) === 0 && word(5) === 0x5efe)
    return { addresses: [at(12)], form: 'an ISATAP address', isWhole: false };
  return { addresses: [], form: '', isWhole: false };
}

/** The 16 bytes of a valid IPv6 address in any spelling. */
function bytesOfV6(address: string): number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = ([high = 0, low = 0]: number[]) => ((high << 8) | low).toString(16);
  const parts = dotted?.slice(1).map(Number) ?? [];
  const text =
    dotted === null ? address : `${address.slice(0, dotted.index)}${hex(parts.slice(0, 2))}:${hex(parts.slice(2))}`;
  const [head = '', tail] = text.split('::');
  const words = (half: string) => (half === '' ? [] : half.split(':').map((word) => Number.parseInt(word, 16)));
  const [front, back] = [words(head), words(tail ?? '')];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...middle, ...back].flatMap((word) => [word >> 8, word & 0xff]);
}

function blockList(ranges: string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', prefix] = range.split('/');
    list.addSubnet(net, Number(prefix), family);
  }
  return list;
}
