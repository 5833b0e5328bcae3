// Improves forms; every one of them works without it.

// What went wrong is what the shopper should hear first.
document.querySelector('[data-focus]')?.focus();

// A second press while the first is on its way is harmless on the server; not sending it is a courtesy. It ends when the
// server must have answered: a shopper who stopped the page may want to press again.
const answeredWithinMs = 6000;
for (const form of document.querySelectorAll('form[data-once]')) {
  let sentAtMs = -Infinity;
  form.addEventListener('submit', (event) => {
    const nowMs = performance.now();
    if (nowMs - sentAtMs < answeredWithinMs) event.preventDefault();
    else sentAtMs = nowMs;
  });
}

// Printing needs a script, and is offered by one.
function offerPrinting() {
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }
}
offerPrinting();
document.addEventListener('content-replaced', offerPrinting);

// A page that comes back from the browser's memory holds the id of a purchase that may have been made: get a fresh one.
window.addEventListener('pageshow', (event) => {
  if (event.persisted && document.querySelector('form[data-once]')) location.reload();
});
