/** A credential as calls need it: what it is called, whose name it speaks in, and the header it gives a request. No secret can be read from it. */
export type UsableCredential = {
  label: string;
  as: 'app' | 'user';
  authorization: (request: { method: string; url: URL; form?: URLSearchParams }) => string;
};
