/** The words of the mails that let people in. */

type Letter = { to: string; subject: string; text: string };

export function invitationMail(wish: { email: string; name: string; invitedBy: string; link: string }): Letter {
  return {
    to: wish.email,
    subject: 'You are invited to mistnet',
    text: `Hello ${wish.name},

${wish.invitedBy} invites you to mistnet, where posts of social media are collected for study.
Choose a password here; the link works once, for seven days:

${wish.link}

If you don't know what this is, do nothing: no account is made without you.
`,
  };
}

export function resetMail(wish: { email: string; name: string; link: string }): Letter {
  return {
    to: wish.email,
    subject: 'A new password for mistnet',
    text: `Hello ${wish.name},

somebody, probably you, wants to set a new password for your account at mistnet.
Do it here; the link works once, for two hours:

${wish.link}

If it was not you, do nothing: your password stays as it is.
`,
  };
}
