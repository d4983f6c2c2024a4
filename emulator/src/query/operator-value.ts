import type { OperatorValue } from './ast.ts';
import type { OperatorToken } from './lexer.ts';
import type { ValueKind } from './operators.ts';

/** Codes that `lang:` knows, lower case: the platform's list, and the codes it gives to posts without words. */
const LANGUAGES: ReadonlySet<string> = new Set(
  (
    'am ar hy eu bn bs bg my hr ca cs da nl en et fi fr de el gu ht iw hi hi-latn hu is in it ja kn km ko lo lv lt ml dv mr ne no ' +
    'or pa ps fa pl pt ro ru sr zh-cn sd si sk sl ckb es sv tl ta te th bo zh-tw tr uk ur ug vi cy ka zh und art qam qct qht qme ' +
    'qst zxx he id'
  ).split(' '),
);

const MILES_25_IN_KM = 40.2336;
const KM_PER_DEGREE = 111.195;

/** Reads an operator's value. Undefined when it doesn't suit the operator; bounds are the platform's. */
export function readValue(kind: ValueKind, value: NonNullable<OperatorToken['value']>): OperatorValue | undefined {
  const text = value.content;
  if (kind === 'circle') return value.form === 'bracketed' ? circle(text) : undefined;
  if (kind === 'box') return value.form === 'bracketed' ? box(text) : undefined;
  if (value.form === 'bracketed') return undefined;
  switch (kind) {
    case 'text':
      return textIf(text.trim() !== '', text);
    case 'account':
      return textIf(/^(?:\w{1,15}|\d{1,19})$/.test(text), text);
    case 'id':
      return textIf(/^\d{1,19}$/.test(text), text);
    case 'language':
      return textIf(LANGUAGES.has(text.toLowerCase()), text);
    case 'country':
      return textIf(/^[A-Za-z]{2}$/.test(text), text);
    case 'context':
      return textIf(/^(?:\d{1,19}\.(?:\d{1,19}|\*)|\*\.\d{1,19})$/.test(text), text);
    case 'integer':
      return whole(text, 0, Number.MAX_SAFE_INTEGER);
    case 'percent':
      return whole(text, 1, 100);
    case 'threshold':
      return /^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/.test(text) ? { kind: 'number', number: Number(text) } : undefined;
    case 'range':
      return range(text);
  }
}

function textIf(fits: boolean, text: string): OperatorValue | undefined {
  return fits ? { kind: 'text', text } : undefined;
}

function whole(text: string, from: number, to: number): OperatorValue | undefined {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return number >= from && number <= to ? { kind: 'number', number } : undefined;
}

/** `1000..10000`, both ends included; a single number means that many or more. */
function range(text: string): OperatorValue | undefined {
  const match = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text);
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === undefined ? Number.POSITIVE_INFINITY : Number(match[2]);
  return from <= to ? { kind: 'range', from, to } : undefined;
}

function circle(text: string): OperatorValue | undefined {
  const [west, south, size = '', ...rest] = text.trim().split(/\s+/);
  const longitude = degrees(west, 180);
  const latitude = degrees(south, 90);
  const match = /^(\d{1,6}(?:\.\d{1,20})?)(km|mi)$/i.exec(size);
  if (longitude === undefined || latitude === undefined || match === null || rest.length > 0) return undefined;
  const radius = Number(match[1]);
  const unit = match[2]?.toLowerCase() === 'mi' ? 'mi' : 'km';
  if (radius === 0 || radius > (unit === 'mi' ? 25 : MILES_25_IN_KM)) return undefined;
  return { kind: 'circle', center: [longitude, latitude], radius, unit };
}

function box(text: string): OperatorValue | undefined {
  const parts = text.trim().split(/\s+/);
  const [west, south, east, north] = parts.map((part, index) => degrees(part, index % 2 === 0 ? 180 : 90));
  if (west === undefined || south === undefined || east === undefined || north === undefined) return undefined;
  if (parts.length !== 4 || west >= east || south >= north) return undefined;
  const height = (north - south) * KM_PER_DEGREE;
  const width = (east - west) * KM_PER_DEGREE * Math.cos((((south + north) / 2) * Math.PI) / 180);
  return height > MILES_25_IN_KM || width > MILES_25_IN_KM
    ? undefined
    : { kind: 'box', box: [west, south, east, north] };
}

function degrees(text: string | undefined, most: number): number | undefined {
  if (text === undefined || !/^-?\d{1,3}(?:\.\d{1,20})?$/.test(text)) return undefined;
  const number = Number(text);
  return Math.abs(number) <= most ? number : undefined;
}
