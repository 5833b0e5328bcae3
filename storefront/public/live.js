// Keeps pages up to date. A page with `data-events` listens to that event stream, and on each event fetches itself again and
// replaces the content of `data-live`. Without this script a purchase page reloads itself, and a history stays as it was loaded.

/** How long to wait after the server refused a stream: for the first retry, and at most. */
const firstRetryMs = 5_000;
const lastRetryMs = 60_000;

const content = document.querySelector('[data-live]');
const announcement = document.querySelector('#announcement');
let source;
let retryMs = firstRetryMs;
let retry;

async function refresh() {
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const next = page.querySelector('[data-live]');
    if (next === null || next.isEqualNode(content)) return;
    for (const name of Object.keys(content.dataset))
      if (!(name in next.dataset)) delete content.dataset[name];
    Object.assign(content.dataset, next.dataset);
    const hadFocus = content.contains(document.activeElement);
    content.replaceChildren(...next.childNodes);
    // If the focus was in the replaced content, keep it there instead of at the top of the page.
    if (hadFocus) {
      content.tabIndex = -1;
      content.focus({ preventScroll: true });
    }
    if (announcement !== null) announcement.textContent = content.dataset.announcement;
    document.dispatchEvent(new CustomEvent('content-replaced'));
  } catch {
    // The network is unavailable. The page stays as it is until the next event.
  }
}

function stop() {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}

function listen() {
  stop();
  const address = content?.dataset.events;
  // Hidden pages do not listen. They catch up when they become visible.
  if (address === undefined || document.hidden) return;
  source = new EventSource(address);
  source.addEventListener('open', () => {
    retryMs = firstRetryMs;
  });
  source.addEventListener('changed', refresh);
  source.addEventListener('settled', stop);
  source.addEventListener('error', () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    // The server refused: too many pages are open, or the session has ended.
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
