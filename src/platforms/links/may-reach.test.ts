/** Names looked up at a name server of our own, over UDP. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createResolve, mayReach } from './may-reach.ts';

const A = 1;
const signal = new AbortController().signal;

/** Answers questions for A and AAAA; undefined: no such name; 'silence': no answer at all. */
async function startNameServer(answer: (name: string, type: number) => Buffer[] | undefined | 'silence') {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (question, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = question.readUInt16BE(at + 1);
    const name = labels.join('.');
    asked.push(name);
    const records = answer(name, type);
    if (records === 'silence') return;
    const head = Buffer.from(question.subarray(0, at + 5));
    head.writeUInt16BE(records === undefined ? 0x8183 : 0x8180, 2);
    head.writeUInt16BE(records?.length ?? 0, 6);
    head.writeUInt32BE(0, 8);
    const bodies = (records ?? []).flatMap((data) => [
      Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]),
      data,
    ]);
    socket.send(Buffer.concat([head, ...bodies]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    asked,
    resolve: createResolve([`127.0.0.1:${socket.address().port}`]),
    [Symbol.asyncDispose]: () => new Promise<void>((done) => socket.close(done)),
  };
}

const v4 = (...bytes: number[]) => Buffer.from(bytes);
const v6 = (last: number) => Buffer.from([0x26, 0x06, 0x47, ...new Uint8Array(12), last]);

describe('a name at a name server', () => {
  it('has all its addresses of both families; one family is enough', async () => {
    await using both = await startNameServer((_, type) => (type === A ? [v4(8, 8, 8, 8), v4(9, 9, 9, 9)] : [v6(5)]));
    expect(await both.resolve('example.org', signal)).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '9.9.9.9', family: 4 },
      { address: '2606:4700::5', family: 6 },
    ]);
    await using one = await startNameServer((_, type) => (type === A ? [] : [v6(5)]));
    expect(await one.resolve('example.org', signal)).toEqual([{ address: '2606:4700::5', family: 6 }]);
  });

  it('is refused when the server slips a private address in, in either family', async () => {
    const options = { allowed: new Set<string>(), signal };
    await using mixed = await startNameServer((_, type) => (type === A ? [v4(8, 8, 8, 8), v4(10, 0, 0, 1)] : []));
    expect(await mayReach(new URL('http://example.org/'), { ...options, resolve: mixed.resolve })).toEqual({
      kind: 'refused',
      why: 'it leads to example.org, which is 10.0.0.1, which is private',
    });
    const mapped = Buffer.from([...new Uint8Array(10), 0xff, 0xff, 127, 0, 0, 1]);
    await using six = await startNameServer((_, type) => (type === A ? [v4(8, 8, 8, 8)] : [mapped]));
    expect(await mayReach(new URL('http://example.org/'), { ...options, resolve: six.resolve })).toMatchObject({
      kind: 'refused',
    });
  });

  it('that does not exist, or of which nobody speaks, is said to be so', async () => {
    await using none = await startNameServer(() => undefined);
    await expect(none.resolve('nowhere.example', signal)).rejects.toThrow(
      'no name server knows nowhere.example (ENOTFOUND)',
    );
    await using silent = await startNameServer(() => 'silence');
    const stop = new AbortController();
    const waiting = silent.resolve('example.org', stop.signal);
    waiting.catch(() => {});
    while (silent.asked.length === 0) await new Promise((done) => setImmediate(done));
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
