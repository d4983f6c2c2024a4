/** Mail by SMTP: one mailer for invitations, resets and alerts. */
import { createTransport } from 'nodemailer';

/** Plain text alone: nothing in it can do anything. */
/** `messageId`: of a mail that may be sent twice when a process dies between sending and noting it, so that mailboxes can tell. */
export type Mail = { to: string; subject: string; text: string; messageId?: string };

export type Mailer = Disposable & {
  /** Resolves when the mail server has taken it. Throws what the server or the way to it said. */
  send(mail: Mail): Promise<void>;
};

/** For each step of the talk with the mail server. */
const PATIENCE_MS = 15_000;

/**
 * `url`: `smtp://user:password@host:587` (TLS by STARTTLS where the server has it) or `smtps://…` (TLS from the start).
 * `from`: an address, `mistnet <mistnet@example.org>`. Connects for each mail; whoever makes it disposes of it.
 */
export function createMailer({ url, from }: { url: string; from: string }): Mailer {
  const transport = createTransport(
    { url, connectionTimeout: PATIENCE_MS, greetingTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS },
    { from },
  );
  return {
    async send({ to, subject, text, messageId }) {
      // An address as an object is never taken apart into several.
      await transport.sendMail({
        ...{ to: { name: '', address: to }, subject: subject.replaceAll(/\s+/g, ' '), text },
        ...(messageId === undefined ? {} : { messageId }),
      });
    },
    [Symbol.dispose]: () => transport.close(),
  };
}
