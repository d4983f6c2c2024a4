import { invalidParameter, Refused } from './errors.ts';
import { type PostTime } from '../world/model.ts';
import { postTime } from '../world/ids.ts';

/** What a client sent, in the address or as a form. v1.1 ignores what it doesn't know and what is blank. */
export class Parameters {
  readonly #values: readonly URLSearchParams[];

  constructor(...values: readonly URLSearchParams[]) {
    this.#values = values;
  }

  /** Undefined when missing or blank. The last one wins. */
  text(name: string): string | undefined {
    const given = this.#values.flatMap((values) => values.getAll(name)).filter((value) => value !== '');
    return given.at(-1);
  }

  /** Comma-separated, blanks trimmed away; empty when missing. */
  list(name: string): string[] {
    const items = (this.text(name) ?? '').split(',').map((item) => item.trim());
    return items.filter((item) => item !== '');
  }

  /** `true`, `t`, `1`; everything else is false. */
  flag(name: string, otherwise: boolean): boolean {
    const value = this.text(name);
    return value === undefined ? otherwise : /^(true|t|1)$/i.test(value);
  }

  /** How many are wanted: beyond the bounds the nearest one counts. Throws Refused when it is no number. */
  count(name: string, otherwise: number, most: number): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    if (!/^[+-]?\d{1,9}$/.test(value)) throw new Refused(invalidParameter(name));
    return Math.min(most, Math.max(0, Number(value)));
  }

  /** A place in time named by an id of 64 bits. Throws Refused when it is none. */
  id(name: string): PostTime | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const time = postTime(value);
    if (time === undefined) throw new Refused(invalidParameter(name));
    return time;
  }
}
