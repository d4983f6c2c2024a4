import type { OperatorValue, QueryNode, Term } from './ast.ts';

/** Writes a query as text that parses to the same tree (positions aside). Values are quoted wherever that is allowed. */
export function printQuery(node: QueryNode): string {
  switch (node.kind) {
    case 'clause':
      return (node.negated ? '-' : '') + printTerm(node.term);
    case 'and':
      return node.parts.map((part) => (part.kind === 'or' ? `(${printQuery(part)})` : printQuery(part))).join(' ');
    case 'or':
      return node.parts.map(printQuery).join(' OR ');
  }
}

function printTerm(term: Term): string {
  switch (term.kind) {
    case 'word':
      return term.text;
    case 'phrase':
      return quote(term.text);
    case 'near':
      return `${quote(term.text)}~${term.distance}`;
    case 'hashtag':
      return `#${term.name}`;
    case 'mention':
      return `@${term.name}`;
    case 'cashtag':
      return `$${term.name}`;
    case 'operator':
      return `${term.name}:${printValue(term)}`;
  }
}

function printValue({ name, value }: { name: string; value: OperatorValue }): string {
  switch (value.kind) {
    case 'text':
      return name === 'is' || name === 'has' ? value.text : quote(value.text);
    case 'number':
      return decimal(value.number);
    case 'range':
      return value.to === Number.POSITIVE_INFINITY ? String(value.from) : `${value.from}..${value.to}`;
    case 'circle':
      return `[${value.center.map(decimal).join(' ')} ${decimal(value.radius)}${value.unit}]`;
    case 'box':
      return `[${value.box.map(decimal).join(' ')}]`;
  }
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Never with an exponent, which the language doesn't know. */
function decimal(number: number): string {
  const text = String(number);
  return text.includes('e') ? number.toFixed(20).replace(/0+$/, '') : text;
}
