const TOO_LATE = 'This took too long, was done already or was begun in another browser. Try again.';

/** What a service's refusal means, by the code in the address to which it sent one back. */
const words: Record<string, string> = {
  access_denied: 'You did not allow it there, so nothing happened.',
  not_invited: 'You are not known here. Ask an administrator for an invitation; after it you can link that account.',
  account_not_linked:
    'A user here has your address, but that account is not linked. Sign in with the password and link it in your profile.',
  user_inactive: 'Your account here is inactive. Ask an administrator to activate it.',
  account_already_linked_to_different_user: 'That account belongs to another user here.',
  state_mismatch: TOO_LATE,
  unable_to_link_account:
    'Your session ended meanwhile, or that service does not vouch for your address. Sign in again and try once more.',
  issuer_mismatch:
    'That service says that it is another one than the settings here name. Tell an administrator; the password works.',
  state_not_found: TOO_LATE,
  please_restart_the_process: TOO_LATE,
};

/** A sentence for `?error=…`; undefined when there is none. */
export function problemOfAddress(search: string): string | undefined {
  const code = new URLSearchParams(search).get('error');
  if (code === null) return undefined;
  return words[code.toLowerCase()] ?? 'That service did not let you in, or did not answer. Try again.';
}

/** Where to go after signing in: an address of this page, never of another site. */
export function backFrom(search: string): string {
  const to = new URLSearchParams(search).get('to') ?? '/';
  // Browsers drop tabs and line ends within an address: what follows them counts as well.
  return /^\/(?![/\\])[^\s\\]*$/.test(to) ? to : '/';
}

/** Whether somebody comes from setting a new password. */
export function hasNewPassword(search: string): boolean {
  return new URLSearchParams(search).get('password') === 'new';
}
