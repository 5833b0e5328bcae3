// Improves pages. Every page also works without this script.

// Screen readers read the focused element first: the errors of the page.
document.querySelector('[data-focus]')?.focus();

/** What a form that was sent looks like: its buttons are busy, and say so if the answer takes longer than this. */
const busyTextAfterMs = 300;

/** When the server must have answered. After that a shopper who stopped the page can click again. */
const answeredWithinMs = 10_000;

const sent = new Map();

/** Marks a form as sent. A second click while the answer is pending would be harmless, but needless. */
function markSent(form, button) {
  const text = button?.textContent;
  button?.classList.add('is-busy');
  button?.setAttribute('aria-disabled', 'true');
  form.setAttribute('aria-busy', 'true');
  const showText = setTimeout(() => {
    if (button !== null) button.textContent = button.dataset.busy ?? document.body.dataset.busy;
  }, busyTextAfterMs);
  const giveUp = setTimeout(() => restore(form), answeredWithinMs);
  sent.set(form, () => {
    clearTimeout(showText);
    clearTimeout(giveUp);
    button?.classList.remove('is-busy');
    button?.removeAttribute('aria-disabled');
    if (button !== null && button.textContent !== text) button.textContent = text;
    form.removeAttribute('aria-busy');
  });
}

function restore(form) {
  sent.get(form)?.();
  sent.delete(form);
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.method !== 'post') return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  if ('quickAdd' in form.dataset) {
    event.preventDefault();
    quickAdd(form, event.submitter);
    return;
  }
  if ('keepsInput' in form.dataset) keepInput();
  markSent(form, event.submitter ?? form.querySelector('[type=submit]'));
});

// A page restored from the browser's cache is as it was when its form was sent. A purchase id in it may have been used: reload to get
// a new one.
window.addEventListener('pageshow', (event) => {
  for (const form of [...sent.keys()]) restore(form);
  if (event.persisted && document.querySelector('form[data-once]')) location.reload();
});

/** Adds an item of the catalogue to the basket without leaving the page. If that fails, the form is sent as without this script. */
async function quickAdd(form, button) {
  markSent(form, button);
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
    });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const notice = page.querySelector('.notice--done');
    if (!response.ok || notice === null) throw new Error('the item was not added');
    document.querySelector('[data-basket]')?.replaceWith(page.querySelector('[data-basket]'));
    showToast(notice);
    restore(form);
  } catch {
    form.submit();
  }
}

const toastMs = 8_000;
let toastTimer;

function showToast(notice) {
  const toast = document.querySelector('#toast');
  // The region is announced when its content changes, so the notice itself must not be one as well.
  notice.removeAttribute('role');
  toast.replaceChildren(notice);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.replaceChildren(), toastMs);
}

// Changing the language or the currency loads the page again. What was typed is put back, and the page stays where it was.
const keptInput = 'kept-input';
const keptFields = 'input:is([type=text], [type=search], [type=datetime-local]), select, textarea';

function fieldsToKeep() {
  return [...document.querySelectorAll(`main :is(${keptFields})`)].filter((field) => field.name !== '');
}

function keepInput() {
  const fields = fieldsToKeep().map(({ name, value }) => [name, value]);
  sessionStorage.setItem(keptInput, JSON.stringify({ page: location.pathname, top: scrollY, fields }));
}

function putInputBack() {
  const kept = JSON.parse(sessionStorage.getItem(keptInput) ?? 'null');
  sessionStorage.removeItem(keptInput);
  if (kept?.page !== location.pathname) return;
  for (const field of fieldsToKeep()) {
    const index = kept.fields.findIndex(([name]) => name === field.name);
    if (index >= 0) [[, field.value]] = kept.fields.splice(index, 1);
  }
  scrollTo({ top: kept.top, behavior: 'instant' });
}

// An open menu closes like a dialog does.
const menu = document.querySelector('.menu');
document.addEventListener('click', ({ target }) => {
  if (!menu.contains(target)) menu.open = false;
  // A link into the menu opens it.
  const link = target.closest?.('a[href^="#"]');
  if (link !== null && link !== undefined && menu.querySelector(link.hash) !== null) menu.open = true;
});
document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape' || !menu.open) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});

/** Whatever needs a script, in a page or in what replaced a part of it. */
function improve() {
  for (const button of document.querySelectorAll('[data-print][hidden]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }
  if (navigator.clipboard !== undefined)
    for (const button of document.querySelectorAll('[data-copy][hidden]')) {
      button.hidden = false;
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = button.dataset.copied;
      });
    }
  for (const time of document.querySelectorAll('time[data-local]')) showLocally(time);
}

/** The page's language, in the region of the browser if that has the same language. */
const { lang } = document.documentElement;
const locale = navigator.languages.find((tag) => tag.split('-')[0] === lang) ?? lang;
const localTime = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
});

/** Pages contain times in UTC, because the server does not know the time zone of their reader. */
function showLocally(time) {
  time.textContent = localTime.format(new Date(time.dateTime));
  delete time.dataset.local;
}

putInputBack();
improve();
document.addEventListener('content-replaced', improve);
