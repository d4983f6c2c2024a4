/** Ends that the platform may announce. */
export type Farewell = 'disconnect' | 'upstream-disconnect' | 'force-disconnect' | 'slow-reader' | 'exhausted';
