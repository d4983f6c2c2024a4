/** Roles in words, from least to most. */
export const roleWords = {
  viewer: { name: 'viewer', may: 'sees what is collected and downloads it.' },
  collector: { name: 'collector', may: 'also makes collections, changes their own and those shared with them.' },
  administrator: { name: 'administrator', may: 'may do everything, users and settings included.' },
} as const;

export type UserRole = keyof typeof roleWords;
export const userRoles = Object.keys(roleWords) as UserRole[];
