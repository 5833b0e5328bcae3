// Does a long task part by part. Without this script, a button of the page starts each part.

/** Between two parts, so that the page can be read and left. */
const pauseMs = 300;

const task = document.querySelector('[data-task]');
const announcement = document.querySelector('[data-announcement]');

async function next(form) {
  const response = await fetch(form.action, {
    method: 'POST',
    headers: { accept: 'text/html' },
    body: new URLSearchParams(new FormData(form)),
  });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const content = page.querySelector('[data-task]');
  // Another page, such as the sign-in: show it as a browser without this script does.
  if (content === null) {
    form.submit();
    return;
  }
  // One entry in the browser's history for the whole task.
  history.replaceState(null, '', response.url);
  const hadFocus = task.contains(document.activeElement);
  task.replaceChildren(...content.childNodes);
  announcement.textContent = page.querySelector('[data-announcement]').textContent;
  if (hadFocus) {
    task.tabIndex = -1;
    task.focus({ preventScroll: true });
  }
  continueTask();
}

function continueTask() {
  const form = task.querySelector('form[data-continue]');
  if (form === null) return;
  // If the network is unavailable, the button of the page remains.
  setTimeout(() => next(form).catch(() => undefined), pauseMs);
}

continueTask();
