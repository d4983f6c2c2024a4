import { complaint, json, own } from '../control.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Answer } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { changeSettings, SettingsError, settingsJson } from './settings-json.ts';

const MICROS = 1_000_000;

/** `/_emulator/limits`: what apps may do, what they have used; to be read, changed, and forgotten. */
export function limitsRoutes(parts: FaceParts): Route[] {
  const { access, ledger, meter, credentials } = parts;
  return [
    own('GET', '/_emulator/limits', () => tell(parts)),
    own('POST', '/_emulator/limits', async (exchange) => {
      const before = access.settings;
      const text = await exchange.body();
      try {
        access.change(changeSettings(before, text));
      } catch (error) {
        if (error instanceof SettingsError) return complaint(400, error.message);
        throw error;
      }
      const { credits } = access.settings;
      const isRefill = Object.hasOwn(JSON.parse(text) as object, 'credits') || credits !== before.credits;
      if (credits !== undefined && isRefill) {
        for (const app of credentials.apps) meter.refill(app, credits);
      }
      return tell(parts);
    }),
    own('DELETE', '/_emulator/limits', () => {
      ledger.clear();
      meter.clear();
      return tell(parts);
    }),
  ];
}

function tell({ access, meter, credentials }: FaceParts): Answer {
  const apps = [...credentials.apps].map((app) => {
    const { credits, posts } = meter.balance(app);
    return { app: app.id, credits: credits === undefined ? null : credits / MICROS, postsThisMonth: posts };
  });
  return json(200, { ...settingsJson(access.settings), apps });
}
