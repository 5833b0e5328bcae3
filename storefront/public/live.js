// Keeps the page of a purchase that is not settled up to date: asks for the page again, soon and then ever more slowly, and
// puts its status in place of the old one. Without this script the page reloads itself.
const settled = new Set(['recorded', 'superseded', 'discarded']);
const firstDelayMs = 300;
const lastDelayMs = 5000;
/** After this long the shopper reloads the page if they still want to know. */
const endMs = 30 * 60 * 1000;

const status = document.querySelector('#purchase-status');
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function fetchStatus() {
  const response = await fetch(location.href, { headers: { accept: 'text/html' } });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  return page.querySelector('#purchase-status');
}

let delayMs = firstDelayMs;
for (let waitedMs = 0; !settled.has(status.dataset.state) && waitedMs < endMs; waitedMs += delayMs) {
  await wait(delayMs);
  delayMs = Math.min(delayMs * 1.5, lastDelayMs);
  // Nobody looks: asking can wait until somebody does.
  if (document.hidden) continue;
  try {
    const next = await fetchStatus();
    if (next === null || next.isEqualNode(status)) continue;
    status.dataset.state = next.dataset.state;
    status.replaceChildren(...next.childNodes);
  } catch {
    // The network is away: the page still tells the truth, and the next round may succeed.
  }
}
