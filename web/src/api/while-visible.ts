/** Live streams only where somebody can see them. */

type Watched = Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>;

/**
 * Keeps open what `open` opens for as long as the page can be seen; `open` gives back what closes it. The result ends it for good.
 * Browsers allow a server of HTTP/1.1 six connections, all tabs together: were hidden tabs to keep their streams, a seventh page would never load.
 */
export function whileVisible(open: () => () => void, page: Watched = document): () => void {
  let close: (() => void) | undefined;
  const look = () => {
    if (page.hidden) {
      close?.();
      close = undefined;
    } else close ??= open();
  };
  page.addEventListener('visibilitychange', look);
  look();
  return () => {
    page.removeEventListener('visibilitychange', look);
    close?.();
    close = undefined;
  };
}
