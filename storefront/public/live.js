// Keeps pages up to date. A page with `data-events` listens to that event stream, and on each event fetches itself again and
// replaces what has changed inside `data-live`. Everything else stays as it is: what is open, selected or in focus, and where the
// page is scrolled to. Without this script a purchase page reloads itself, and a history stays as it was loaded.

/** How long to wait after the server refused a stream: for the first retry, and at most. */
const firstRetryMs = 5_000;
const lastRetryMs = 60_000;

const content = document.querySelector('[data-live]');
const announcement = document.querySelector('#announcement');

/**
 * The content as the server sent it last. What the page shows may differ, because people open parts of it and page.js improves
 * others. This script runs first, so it sees the content unchanged.
 */
let known = content?.cloneNode(true);
let source;
let retryMs = firstRetryMs;
let retry;

/** A page that replaces its content each second announces a text once. Other pages announce each change with the same text. */
function isNews(text) {
  return announcement.dataset.onlyNews === undefined || announcement.textContent !== text;
}

async function refresh() {
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const next = page.querySelector('[data-live]');
    // The page has moved, because the session has ended. It must not look as if it still updated itself.
    if (next === null && response.redirected) location.reload();
    if (next === null || next.isEqualNode(known)) return;
    for (const name of Object.keys(content.dataset))
      if (!(name in next.dataset)) delete content.dataset[name];
    Object.assign(content.dataset, next.dataset);
    keepState(() => replaceChanged(content, known, next));
    known = next;
    if (announcement !== null && isNews(content.dataset.announcement))
      announcement.textContent = content.dataset.announcement;
    document.dispatchEvent(new CustomEvent('content-replaced'));
  } catch {
    // The network is unavailable. The page stays as it is until the next event.
  }
}

/** Replaces those parts of a shown element that differ between the version it shows and the next one. */
function replaceChanged(shown, before, after) {
  const [shownParts, oldParts, newParts] = [shown, before, after].map(({ childNodes }) => [...childNodes]);
  const fewest = Math.min(oldParts.length, newParts.length);
  let start = 0;
  while (start < fewest && oldParts[start].isEqualNode(newParts[start])) start += 1;
  let end = 0;
  while (end < fewest - start && oldParts.at(-1 - end).isEqualNode(newParts.at(-1 - end))) end += 1;
  const changed = oldParts.slice(start, oldParts.length - end);
  const next = newParts.slice(start, newParts.length - end);
  // If a script has added something here, the parts do not correspond.
  if (shownParts.length !== oldParts.length) shown.replaceChildren(...newParts.map(copyOf));
  else if (changed.length !== next.length) {
    for (const part of next) shown.insertBefore(copyOf(part), shownParts[start] ?? null);
    for (const part of shownParts.slice(start, shownParts.length - end)) part.remove();
  } else
    for (const [index, old] of changed.entries()) {
      if (old.isEqualNode(next[index])) continue;
      const part = shownParts[start + index];
      if (isSameElement(old, next[index])) replaceChanged(part, old, next[index]);
      else part.replaceWith(copyOf(next[index]));
    }
}

const copyOf = (part) => document.importNode(part, true);

/** Whether only the content of an element differs. A form is one thing: its button must never send another form's fields. */
function isSameElement(one, other) {
  return (
    one.children !== undefined && one.nodeName !== 'FORM' && one.cloneNode().isEqualNode(other.cloneNode())
  );
}

/** Changes the content. What was open in a replaced part is open again, and the focus stays with what had it. */
function keepState(change) {
  const focused = content.contains(document.activeElement) ? document.activeElement : undefined;
  const earlier = [...content.querySelectorAll('details')];
  change();
  for (const [index, details] of [...content.querySelectorAll('details')].entries()) {
    const same = details.id === '' ? earlier[index] : earlier.find(({ id }) => id === details.id);
    if (same !== undefined && !earlier.includes(details)) details.open = same.open;
  }
  if (focused === undefined || focused.isConnected) return;
  const again = [...content.querySelectorAll('a, [id]')].find((element) =>
    focused.id === ''
      ? focused.href !== undefined && element.href === focused.href
      : element.id === focused.id,
  );
  // Otherwise keep it in the content instead of at the top of the page.
  if (again === undefined) content.tabIndex = -1;
  (again ?? content).focus({ preventScroll: true });
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
