import { Badge } from '@mantine/core';
import type { StateWords } from '../state-words.ts';
import classes from './state-badge.module.css';

/** The state in a word; colour only repeats what the word says. */
export function StateBadge({ words: { label, tone } }: { words: Pick<StateWords, 'label' | 'tone'> }) {
  return (
    <Badge
      variant="transparent"
      size="md"
      radius="sm"
      data-tone={tone}
      classNames={{ root: classes.badge, label: classes.label }}
    >
      {label}
    </Badge>
  );
}
