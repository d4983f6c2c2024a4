import { type Choices, POINT_NAMES } from './choices.ts';
import { FLAGGED } from './flagged.ts';
import { POINTS } from './points.ts';
import { json, own } from '../control.ts';
import type { Route } from '../http/route.ts';

/**
 * `GET /_emulator/switches`: what is on at each uncertain point, and what could be.
 * @param flags values of the flags of `FLAGGED`, by name; null where one was not given
 */
export function switchesRoutes(choices: Choices, flags: Readonly<Record<string, unknown>>): Route[] {
  const switches = POINT_NAMES.map((name) => {
    const { values, decides } = POINTS[name];
    return { name, value: choices[name], default: values[0], values, decides };
  });
  const told = Object.fromEntries(FLAGGED.map(({ flag }) => [flag, flags[flag] ?? null]));
  return [own('GET', '/_emulator/switches', () => json(200, { switches, flags: told }))];
}
