import type { Kind } from '../new-collection.ts';
import classes from './kind-choice.module.css';

const kinds: readonly { kind: Kind; title: string; sentence: string }[] = [
  {
    ...{ kind: 'filter', title: 'Words, people and places' },
    sentence: 'Every new public post with certain words or hashtags, by certain people, or from certain places.',
  },
  {
    ...{ kind: 'timeline', title: 'Timelines of accounts' },
    sentence: 'What accounts posted, as far back as the platform allows, and what they post from now on.',
  },
  {
    ...{ kind: 'sample', title: 'A random sample' },
    sentence: 'About one percent of all public posts, for whatever you will want to compare with.',
  },
  {
    ...{ kind: 'import', title: 'Files you have' },
    sentence: 'Nothing new is collected: posts come from files, by mistnet import in a terminal.',
  },
];

/** The first question: what kind of collection. */
export function KindChoice({ value, onChange }: { value: Kind; onChange: (kind: Kind) => void }) {
  return (
    <fieldset className={classes.kinds}>
      <legend className={classes.legend}>What shall be collected?</legend>
      {kinds.map(({ kind, title, sentence }) => (
        <label key={kind} className={classes.kind} data-chosen={value === kind || undefined}>
          <input type="radio" name="kind" value={kind} checked={value === kind} onChange={() => onChange(kind)} />
          <span>
            <strong>{title}</strong>
            <span className={classes.sentence}>{sentence}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
