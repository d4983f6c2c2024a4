/**
 * A button that works is disabled meanwhile, and a browser takes the focus from what is disabled: whoever presses it by a key would have to
 * begin at the top of the page again. The focus goes back to it when it can be pressed again, unless it has moved elsewhere.
 */
export function keepFocus(page: Document): () => void {
  let last: EventTarget | null = null;
  const note = ({ target }: FocusEvent) => {
    last = target;
  };
  const watch = new MutationObserver((changes) => {
    if (page.activeElement !== null && page.activeElement !== page.body) return;
    for (const { target } of changes)
      if (target === last && target instanceof HTMLButtonElement && !target.disabled)
        target.focus({ preventScroll: true });
  });
  page.addEventListener('focusin', note);
  watch.observe(page.body, { subtree: true, attributes: true, attributeFilter: ['disabled'] });
  return () => {
    page.removeEventListener('focusin', note);
    watch.disconnect();
  };
}
