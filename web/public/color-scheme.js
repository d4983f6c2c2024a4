// Sets the theme that was chosen before, ahead of the first drawing. The same key and attribute as the page's own toggle.
(() => {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('mistnet-color-scheme') || 'auto';
  } catch {
    // No storage allowed: the system's theme it is.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
