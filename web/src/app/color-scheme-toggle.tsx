import { ActionIcon, type MantineColorScheme, useMantineColorScheme } from '@mantine/core';

const next: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' };
const names: Record<MantineColorScheme, string> = { auto: "the system's", light: 'light', dark: 'dark' };
const drawings: Record<MantineColorScheme, string> = {
  auto: 'M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16z',
  light:
    'M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
};

/** One button through three themes: the system's, light, dark. */
export function ColorSchemeToggle() {
  // Mantine would otherwise stop transitions with a style element, which the page's policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const label = `Theme: ${names[colorScheme]}. Change to ${names[next[colorScheme]]}`;
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next[colorScheme])}
    >
      <svg width="18" height="18" viewBox="0 0 24 24" aria-hidden="true" strokeWidth="1.8" strokeLinecap="round">
        <path d={drawings[colorScheme]} fill="none" stroke="currentColor" />
        {colorScheme === 'auto' && <path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" />}
      </svg>
    </ActionIcon>
  );
}
