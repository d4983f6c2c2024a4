import type { App } from '../credentials/app.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Gate } from '../http/router.ts';
import type { World } from '../world/model.ts';
import type { Access } from './access.ts';
import type { Exhaustion, Meter } from './meter.ts';
import { rateHeaders } from './rate-gate.ts';
import type { RateLedger } from './rate-ledger.ts';
import { QUARTER_MS, type Rate } from './rate.ts';
import { chargeOf, isOwnedRead, PER_REQUEST } from './prices.ts';

const CONNECTS: Rate = { limit: 50, windowMs: QUARTER_MS };

/** Refuses calls of apps that have used up their credits or their month, and charges for what the others are given. */
export function moneyGate(access: Access, meter: Meter, ledger: RateLedger, world: World): Gate {
  return {
    admit({ caller, pattern }, { method }) {
      if (caller.kind === 'nobody' || !pattern.startsWith('/2/') || pattern.startsWith('/2/usage/')) return {};
      const streamed = pattern.endsWith('/stream');
      const why = meter.exhausted(caller.app, streamed ? 'post' : chargeOf(method, pattern));
      if (why === undefined) return {};
      const refusal = refusalOf(why, caller.app, access);
      // Connects to streams are counted elsewhere, and this one isn't; but clients look for these headers at each 429.
      const untouched = ledger.standing({ key: `app ${caller.app.id} ${pattern}`, rate: CONNECTS });
      return streamed ? { refusal, headers: rateHeaders('x-rate-limit', untouched) } : { refusal };
    },
    settle(exchange, { method }, answer) {
      const { caller, pattern } = exchange;
      const charge = chargeOf(method, pattern);
      if (charge === undefined || caller.kind === 'nobody' || answer.status !== 200) return;
      const { prices } = access.settings;
      if (PER_REQUEST.has(charge)) return meter.chargeRequest(caller.app, prices[charge]);
      const isOwned = isOwnedRead(caller, pattern, ownId(exchange, world), exchange.path['id']);
      meter.charge(caller.app, charge, idsIn(answer), isOwned ? prices.owned : prices[charge]);
    },
  };
}

function ownId({ caller }: Exchange, world: World): string {
  return caller.kind === 'user1' || caller.kind === 'user2' ? world.account(caller.account).id : '';
}

/** Ids of the objects in `data`. What comes along in `includes` is not charged. */
function idsIn({ body }: Answer): string[] {
  const whole: unknown = typeof body === 'string' ? JSON.parse(body) : body;
  const data = typeof whole === 'object' && whole !== null && 'data' in whole ? whole.data : undefined;
  const objects: unknown[] = Array.isArray(data) ? data : data === undefined ? [] : [data];
  return objects.flatMap((object) =>
    typeof object === 'object' && object !== null && 'id' in object ? [String(object.id)] : [],
  );
}

function refusalOf(why: Exhaustion, app: App, access: Access): Answer {
  const account_id = Number(app.id);
  if (why === 'credits') {
    return {
      status: 402,
      body: {
        account_id,
        title: 'CreditsDepleted',
        detail: `Your enrolled account [${account_id}] does not have any credits to fulfill this request.`,
        type: 'https://api.twitter.com/2/problems/credits',
      },
    };
  }
  return {
    status: 429,
    body: {
      account_id,
      product_name: access.settings.product,
      title: 'UsageCapExceeded',
      period: 'Monthly',
      scope: 'Product',
      detail: 'Usage cap exceeded: Monthly product cap',
      type: 'https://api.twitter.com/2/problems/usage-capped',
    },
  };
}
