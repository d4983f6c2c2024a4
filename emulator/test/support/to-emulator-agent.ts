import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';

/** For clients that only know the platform's https addresses: whatever they call goes to the emulator, as plain http. */
export class ToEmulatorAgent extends Agent {
  /** What Node's `https` asks of an agent. */
  readonly protocol = 'https:';
  readonly #port: number;

  constructor(port: number) {
    super();
    this.#port = port;
  }

  override createConnection(): Socket {
    return connect(this.#port, '127.0.0.1');
  }
}
