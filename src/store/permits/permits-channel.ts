/**
 * Something changed for those who wait: permits were given back, a credential taken out, (`BUDGETS_CHANGED`) money, or (`CREDENTIALS_CHANGED`) which
 * credentials there are.
 */
export const PERMITS_CHANNEL = 'mistnet_permits';
export const BUDGETS_CHANGED = 'budgets';
export const CREDENTIALS_CHANGED = 'credentials';
