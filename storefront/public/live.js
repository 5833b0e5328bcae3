// Keeps what a page shows up to date: where it says so (`data-news`), it listens for news and fetches itself again when there
// are any. Without this script the page of a purchase reloads itself, and a history shows what was there when it was opened.

/** After the server refused to be listened to: how long until the next attempt, at first and at last. */
const firstRetryMs = 5_000;
const lastRetryMs = 60_000;

const shown = document.querySelector('[data-live]');
const said = document.querySelector('#news');
let source;
let retryMs = firstRetryMs;
let retry;

async function refresh() {
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const next = page.querySelector('[data-live]');
    if (next === null || next.isEqualNode(shown)) return;
    for (const name of Object.keys(shown.dataset)) if (!(name in next.dataset)) delete shown.dataset[name];
    Object.assign(shown.dataset, next.dataset);
    const isWithin = shown.contains(document.activeElement);
    shown.replaceChildren(...next.childNodes);
    // Who stood in what was replaced stands at its beginning, and not at that of the page.
    if (isWithin) {
      shown.tabIndex = -1;
      shown.focus({ preventScroll: true });
    }
    if (said !== null) said.textContent = shown.dataset.said;
    document.dispatchEvent(new CustomEvent('content-replaced'));
  } catch {
    // The network is away: the page still tells the truth of when it was made, and the next news come.
  }
}

function stop() {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}

function listen() {
  stop();
  const address = shown?.dataset.news;
  // Nobody looks: it costs nothing until somebody does.
  if (address === undefined || document.hidden) return;
  source = new EventSource(address);
  source.addEventListener('open', () => {
    retryMs = firstRetryMs;
  });
  source.addEventListener('changed', refresh);
  source.addEventListener('settled', stop);
  source.addEventListener('error', () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    // Refused: there are too many pages open, or the session is over.
    stop();
    retry = setTimeout(() => refresh().then(listen), retryMs);
    retryMs = Math.min(retryMs * 2, lastRetryMs);
  });
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) stop();
  else refresh().then(listen);
});
listen();
