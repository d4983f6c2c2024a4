/** What each access level takes: of stream rules (v2) and of the one filter of v1.1. */

export const RULE_LEVELS = ['essential', 'elevated', 'basic', 'academic', 'pro', 'pay-per-use', 'enterprise'] as const;
export type RuleLevel = (typeof RULE_LEVELS)[number];

/** `length`: of one rule, UTF-16 units. `refused`: operators that the level does not have. Source: filtered stream, checked 2026-11-22. */
export type RuleLimits = { rules: number; length: number; refused: ReadonlySet<string> };

const ADVANCED = [
  ...['cashtag', 'has:cashtags', 'has:geo', 'is:nullcast', 'bio', 'bio_name', 'bio_location', 'place', 'place_country'],
  ...['point_radius', 'bounding_box', 'geo_bounding_box'],
];
const CONTRACT = ['embedding', 'embedding_threshold'];

/** By access level. */
export const RULE_LIMITS: Readonly<Record<RuleLevel, RuleLimits>> = {
  essential: { rules: 5, length: 512, refused: new Set([...ADVANCED, ...CONTRACT]) },
  elevated: { rules: 25, length: 512, refused: new Set([...ADVANCED, ...CONTRACT]) },
  basic: { rules: 25, length: 512, refused: new Set([...ADVANCED, ...CONTRACT]) },
  academic: { rules: 1_000, length: 1_024, refused: new Set(CONTRACT) },
  pro: { rules: 1_000, length: 1_024, refused: new Set(CONTRACT) },
  'pay-per-use': { rules: 1_000, length: 1_024, refused: new Set(CONTRACT) },
  enterprise: { rules: 25_000, length: 2_048, refused: new Set() },
};

/** Of a credential whose level is not noted: what is sold today without a contract. */
export const USUAL_LEVEL: RuleLevel = 'pay-per-use';

/** The limits of a credential's level as noted with it; those of the usual one for a level that has none of its own. */
export function ruleLimits(level: string | undefined): RuleLimits {
  return RULE_LIMITS[(RULE_LEVELS as readonly string[]).includes(level ?? '') ? (level as RuleLevel) : USUAL_LEVEL];
}

/** Rules that are left free, so that new ones can be added before old ones go. */
export function spareRules({ rules }: Pick<RuleLimits, 'rules'>): number {
  return Math.max(1, Math.floor(rules / 50));
}

/** One v1.1 connection. Source: statuses/filter; checked 2026-11-22. */
export const LEGACY_LIMITS = { track: 400, phraseBytes: 60, follow: 5_000, boxes: 25 } as const;

/** The longest side of a box in v2's rules. */
export const LONGEST_SIDE_MILES = 25;
