import type { StreamConnection } from './stream-connection.ts';

/** The stream connections that are open now, of all endpoints. */
export class OpenStreams implements Iterable<StreamConnection> {
  readonly #streams = new Set<StreamConnection>();

  get size(): number {
    return this.#streams.size;
  }

  [Symbol.iterator](): Iterator<StreamConnection> {
    return this.#streams.values();
  }

  /** Runs a stream to its end and knows it for as long as it lives. */
  async run(stream: StreamConnection): Promise<void> {
    this.#streams.add(stream);
    try {
      await stream.run();
    } catch (error) {
      stream.destroy('error');
      throw error;
    } finally {
      this.#streams.delete(stream);
    }
  }
}
