/**
 * A button that works is disabled meanwhile, and a browser takes the focus from what is disabled: whoever presses it by a key would have to
 * begin at the top of the page again. The focus goes back to it when it can be pressed again, unless it has moved elsewhere. Where it is
 * gone for good, what it was in takes the focus: the closest element around it with `data-takes-focus` and a `tabIndex` of -1.
 */
export function keepFocus(page: Document): () => void {
  let last: EventTarget | null = null;
  let around: HTMLElement | null = null;
  const note = ({ target }: FocusEvent) => {
    last = target;
    around = target instanceof Element ? target.closest<HTMLElement>('[data-takes-focus]') : null;
  };
  const watch = new MutationObserver((changes) => {
    if (page.activeElement !== null && page.activeElement !== page.body) return;
    if (last instanceof Element && !last.isConnected) around?.focus({ preventScroll: true });
    for (const { type, target } of changes)
      if (type === 'attributes' && target === last && target instanceof HTMLButtonElement && !target.disabled)
        target.focus({ preventScroll: true });
  });
  page.addEventListener('focusin', note);
  watch.observe(page.body, { subtree: true, childList: true, attributeFilter: ['disabled'] });
  return () => {
    page.removeEventListener('focusin', note);
    watch.disconnect();
  };
}
