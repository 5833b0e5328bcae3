// Improves forms. Every form also works without this script.

// Screen readers read the focused element first: the errors of the page.
document.querySelector('[data-focus]')?.focus();

// A second click while the first request is pending would be harmless, but needless. The block ends when the server must have
// answered, because a shopper who stopped the page may want to click again.
const answeredWithinMs = 6000;
for (const form of document.querySelectorAll('form[data-once]')) {
  let sentAtMs = -Infinity;
  form.addEventListener('submit', (event) => {
    const nowMs = performance.now();
    if (nowMs - sentAtMs < answeredWithinMs) event.preventDefault();
    else sentAtMs = nowMs;
  });
}

// Print buttons are hidden without a script, because they need one.
function offerPrinting() {
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }
}
offerPrinting();
document.addEventListener('content-replaced', offerPrinting);

// A page restored from the browser's cache contains a purchase id that may have been used. Reload it to get a new one.
window.addEventListener('pageshow', (event) => {
  if (event.persisted && document.querySelector('form[data-once]')) location.reload();
});
