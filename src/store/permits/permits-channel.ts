/** Something changed for those who wait: permits were given back, a credential taken out or let in again, or (`BUDGETS_CHANGED`) money. */
export const PERMITS_CHANNEL = 'mistnet_permits';
export const BUDGETS_CHANGED = 'budgets';
