// Keeps the page of a purchase that is not settled up to date: asks for the page again, soon and then ever more slowly,
// and puts its status in place of the old one. Without this script the page reloads itself.
const settled = new Set(['recorded', 'superseded']);
const firstDelayMs = 300;
const lastDelayMs = 5000;

const statusOf = (page) => page.querySelector('#purchase-status');

async function refresh(delayMs) {
  const current = statusOf(document);
  if (!current || settled.has(current.dataset.state)) return;
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    const next = statusOf(new DOMParser().parseFromString(await response.text(), 'text/html'));
    if (next && next.dataset.state !== current.dataset.state) current.replaceWith(document.adoptNode(next));
  } catch {
    // The network is away: the page still tells the truth, and the next round may succeed.
  }
  await refresh(Math.min(delayMs * 1.5, lastDelayMs));
}

await refresh(firstDelayMs);
