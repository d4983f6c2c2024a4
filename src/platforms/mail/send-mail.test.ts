import type { AddressInfo } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { createMailer } from './send-mail.ts';

describe('createMailer', () => {
  it('hands a mail to the server, with one address and one line of subject whatever is in them', async () => {
    const taken: { to: string[]; text: string }[] = [];
    const server = new SMTPServer({
      ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
      onData(stream, { envelope }, done) {
        void readAll(stream).then((text) => {
          taken.push({ to: envelope.rcptTo.map(({ address }) => address), text });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    try {
      const { port } = server.server.address() as AddressInfo;
      using mailer = createMailer({ url: `smtp://127.0.0.1:${port}`, from: 'mistnet <mistnet@example.org>' });
      await mailer.send({ to: 'ada@example.org', subject: 'Two\r\nBcc: eve@example.org', text: 'Grüße' });
      expect(taken[0]?.to).toEqual(['ada@example.org']);
      expect(taken[0]?.text).toMatch(/^From: mistnet <mistnet@example.org>\r$/m);
      expect(taken[0]?.text).toMatch(/^Subject: Two Bcc: eve@example.org\r$/m);
    } finally {
      await new Promise<void>((resolve) => {
        server.close(resolve);
      });
    }
  });

  it('throws what stands in the way', async () => {
    using mailer = createMailer({ url: 'smtp://127.0.0.1:1', from: 'mistnet@example.org' });
    await expect(mailer.send({ to: 'ada@example.org', subject: 'x', text: 'y' })).rejects.toThrow('ECONNREFUSED');
  });
});
