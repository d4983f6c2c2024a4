import { z } from 'zod';

/** An instant that somebody wrote. ISO 8601 has a year 0, which no database knows. */
export const instantText = z.iso.datetime().refine((text) => !text.startsWith('0000'), 'is before the year 1');
